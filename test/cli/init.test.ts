import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { init } from '../../src/cli/init.js';
import { runCommandLine } from '../../src/cli/verb.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Files = Readonly<Record<string, string>>;

function project(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'init-'));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const git = (folder: string, args: readonly string[], input = '') =>
  execFileSync('git', args, { cwd: folder, input, encoding: 'utf8' });

function committed(files: Files): string {
  const folder = project(files);
  git(folder, ['init', '--quiet']);
  git(folder, ['add', '--all']);
  git(folder, ['-c', 'user.name=A', '-c', 'user.email=a@example.test', 'commit', '--quiet', '--message', 'State']);
  return folder;
}

async function run(...words: string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    }),
  );
  try {
    return { code: await runCommandLine(['init', ...words], [init]), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const packageJson = (changes: object = {}) =>
  `${JSON.stringify(
    {
      name: 'api',
      dependencies: { express: '^5.1.0' },
      devDependencies: { supertest: '^7.0.0', vitest: '^4.0.0' },
      ...changes,
    },
    undefined,
    2,
  )}\n`;
const app = `import express from 'express';

export const app = express();
app.use(express.json());
app.get('/orders', (_req, res) => res.json([]));
`;

/** The app's file after the patch, which must apply. */
async function patched(source: string, { file = 'app.js', manifest = packageJson({ type: 'module' }) } = {}) {
  const folder = project({ 'package.json': manifest, [file]: source });
  const { code, stdout, stderr } = await run(folder);
  expect(stderr).toContain(file);
  expect(code).toBe(0);
  git(folder, ['apply', '-'], stdout);
  return readFileSync(join(folder, file), 'utf8');
}

/** The names of what stands in the app, in this order. */
const order = (source: string, names: readonly string[]) =>
  [...names].sort((a, b) => source.indexOf(a) - source.indexOf(b)).filter((name) => source.includes(name));

describe('where things go', () => {
  it('authenticate and the first route after parsers, before routes; answers to errors last', async () => {
    const source = await patched(app);
    const wanted = ['express.json()', 'authenticate({', "app.get('/whoami'", "app.get('/orders'", 'problemDetails())'];
    expect(order(source, wanted)).toEqual(wanted);
    expect(source).toContain("undeclared: 'report'");
  });

  it('before a handler of errors, wherever it is defined', async () => {
    const source = await patched(`${app}app.use(errorHandler);\napp.use((err, req, res, next) => next(err));\n`);
    const wanted = ["app.get('/orders'", 'problemDetails())', 'app.use(errorHandler)'];
    expect(order(source, wanted)).toEqual(wanted);
  });

  it.each([
    ["app.use('/api', cors(), routes);"],
    ['app.use(orderRoutes);'],
    ["require('./routes')(app);"],
    ['registerRoutes(app, store);'],
    ["if (process.env.DEBUG) {\n  app.get('/debug', (_req, res) => res.json({}));\n}"],
    ["app\n  .route('/orders')\n  .get((_req, res) => res.json([]));"],
  ])('before %s, though a parser follows', async (line) => {
    const source = await patched(
      `import express from 'express';\nexport const app = express();\n${line}\napp.use(express.json());\n`,
    );
    expect(order(source, ['authenticate({', line, 'express.json()'])).toEqual([
      'authenticate({',
      line,
      'express.json()',
    ]);
  });

  it.each([
    ["app.use('/assets', express.static('public'));"],
    ['app.use(cors({ origin: /^https:\\/\\/(a|b)\\.test$/ }));'],
    ["app.set('trust proxy', 1);"],
    ['app.use(\n  helmet({ hsts: false }),\n);'],
  ])('after %s', async (line) => {
    const source = await patched(
      `import express from 'express';\nexport const app = express();\n${line}\napp.get('/', ok);\n`,
    );
    expect(order(source, [line, 'authenticate({', "app.get('/', ok)"])).toEqual([
      line,
      'authenticate({',
      "app.get('/', ok)",
    ]);
  });

  it('what a comment or a string says is not code', async () => {
    const decoys = '// const app = express()\nconst text = \'app.get("/x", y)\';\nconst more = `app.use(z)`;\n';
    const source = await patched(
      `import express from 'express';\n${decoys}export const app = express();\napp.use(express.json());\n`,
    );
    expect(order(source, [decoys, 'express.json()', 'authenticate({'])).toEqual([
      decoys,
      'express.json()',
      'authenticate({',
    ]);
  });

  it('in a function, with its indentation', async () => {
    const source = await patched(
      "const express = require('express');\nfunction createApp() {\n\tconst app = express();\n\tapp.get('/', ok);\n\treturn app;\n}\nmodule.exports = { createApp };\n",
      { manifest: packageJson() },
    );
    expect(source).toContain('\n\tapp.use(authenticate(');
    expect(source).toContain("const { entra } = require('./entra');");
    expect(order(source, ['problemDetails());', 'return app'])).toEqual(['problemDetails());', 'return app']);
  });
});

describe('the patch applies', () => {
  it.each([
    ['no newline at the end', app.trimEnd()],
    ['Windows line ends', app.replaceAll('\n', '\r\n')],
    ['no line after the app', "import express from 'express';\nexport const app = express();"],
  ])('%s', async (_what, source) => {
    const after = await patched(source);
    expect(after).toContain('authenticate({');
    expect(after.split('\n').filter((line) => line.endsWith('\r')).length).toBe(
      source.includes('\r') ? after.split('\n').length - 1 : 0,
    );
  });

  it('from a folder of a larger repository, whose lock file is further up', async () => {
    const folder = committed({
      'pnpm-lock.yaml': '',
      'services/orders/package.json': packageJson({ type: 'module' }),
      'services/orders/src/app.ts': app,
    });
    const { stdout, stderr } = await run(join(folder, 'services/orders'));
    expect(stderr).toContain('pnpm install');
    git(join(folder, 'services/orders'), ['apply', '-'], stdout);
    expect(readFileSync(join(folder, 'services/orders/src/app.ts'), 'utf8')).toContain('authenticate({');
  });

  it('leaves the dependency as it is where it is installed already', async () => {
    const dependencies = { express: '^5.0.0', 'express-app-roles': 'file:express-app-roles.tgz' };
    const manifest = packageJson({ dependencies, devDependencies: { jest: '^30.0.0', supertest: '^7.0.0' } });
    const folder = project({ 'package.json': manifest, 'app.js': app });
    const { code, stdout } = await run(folder);
    expect([code, stdout.includes('package.json')]).toEqual([0, false]);
    git(folder, ['apply', '-'], stdout);
  });

  it('to dependencies as npm sorts them', async () => {
    const manifest = packageJson({
      dependencies: { cors: '^2.0.0', express: '^5.0.0', zod: '^4.0.0' },
      devDependencies: { jest: '^30.0.0' },
    });
    const folder = project({ 'package.json': manifest, 'app.js': app });
    git(folder, ['apply', '-'], (await run(folder)).stdout);
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies)).toEqual(['cors', 'express', 'express-app-roles', 'zod']);
    expect(Object.keys(devDependencies)).toEqual(['jest', 'supertest']);
  });
});

describe('--write', () => {
  const files = { 'package.json': packageJson({ type: 'module' }), 'app.js': app };

  it('applies the patch', async () => {
    const folder = committed(files);
    expect(await run(folder, '--write')).toMatchObject({ code: 0, stdout: '' });
    const status = git(folder, ['status', '--porcelain'])
      .split('\n')
      .map((line) => line.slice(3));
    expect(status).toEqual(['app.js', 'package.json', 'entra.js', 'permissions.js', 'test/', '']);
  });

  it.each([
    [
      'a changed file',
      (folder: string) => writeFileSync(join(folder, 'app.js'), `${app}// more\n`),
      /not clean \(M app\.js\)/,
    ],
    ['a new file', (folder: string) => writeFileSync(join(folder, 'new.txt'), ''), /not clean \(\?\? new\.txt\)/],
  ])('does nothing beside %s', async (_what, change, message) => {
    const folder = committed(files);
    change(folder);
    const before = git(folder, ['status', '--porcelain']);
    const { code, stderr } = await run(folder, '--write');
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(git(folder, ['status', '--porcelain'])).toBe(before);
  });

  it('does nothing outside of a repository', async () => {
    const folder = project(files);
    const { code, stderr } = await run(folder, '--write');
    expect(stderr).toMatch(/--write needs a git repository/);
    expect(code).toBe(2);
    expect(readFileSync(join(folder, 'app.js'), 'utf8')).toBe(app);
  });
});

it('--json says what was found', async () => {
  const folder = project({
    'package.json': packageJson({ type: 'module', packageManager: 'yarn@4.0.0' }),
    'src/app.mts': app,
  });
  const { stdout, stderr } = await run(folder, '--json');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({
    project: {
      app: 'src/app.mts',
      appName: 'app',
      language: 'TypeScript',
      modules: 'import',
      packageManager: 'yarn',
      testRunner: 'vitest',
    },
    files: [
      { path: 'package.json', change: 'modify' },
      { path: 'src/permissions.mts', change: 'create' },
      { path: 'src/entra.mts', change: 'create' },
      { path: 'src/app.mts', change: 'modify' },
      { path: 'test/permissions.test.mts', change: 'create' },
    ],
    patch: expect.stringContaining("from './permissions.mjs'"),
    applied: false,
    next: ['yarn install', 'yarn test'],
  });
});

describe('what is not found is said with the fix, and exit 2', () => {
  const manifest = packageJson({ type: 'module' });
  it.each<[string, Files, RegExp, ...string[]]>([
    ['no package.json', {}, /has no package\.json\. Run it in the folder of the API/],
    ['broken JSON', { 'package.json': '{' }, /package\.json is not JSON/],
    [
      'no Express',
      { 'package.json': packageJson({ dependencies: { koa: '3' } }), 'app.js': app },
      /npm install express/,
    ],
    [
      'Express 3',
      { 'package.json': packageJson({ dependencies: { express: '3.21.2' } }), 'app.js': app },
      /Express 3\.21\.2 is too old/,
    ],
    [
      'no app',
      { 'package.json': manifest, 'a.js': 'export const a = 1;' },
      /no file here calls express\(\).*--app src\/app\.js/,
    ],
    [
      'two apps',
      { 'package.json': manifest, 'a.js': app, 'b.js': app },
      /a\.js, b\.js each call express\(\)\. Choose one: --app a\.js/,
    ],
    ['no such file', { 'package.json': manifest }, /x\.js: there is no such file/, '--app', 'x.js'],
    [
      'a field',
      {
        'package.json': manifest,
        'a.js': "import express from 'express';\nclass A { app = 1; constructor() { this.app = express(); } }",
      },
      /not as const app = express\(\)/,
    ],
    ['no export', { 'package.json': manifest, 'app.js': app.replace('export ', '') }, /does not export app.*Export it/],
    [
      'an app that listens',
      { 'package.json': manifest, 'app.js': `${app}app.listen(3000);\n` },
      /app\.js listens in line 6.*another file/,
    ],
    [
      'a function that needs something',
      {
        'package.json': manifest,
        'app.js':
          "import express from 'express';\nexport function createApp(store) {\n  const app = express();\n  return app;\n}\n",
      },
      /createApp in app\.js cannot be called without arguments.*Give store a default/,
    ],
    [
      'a name that is taken',
      { 'package.json': manifest, 'app.js': `import { authenticate } from './auth.js';\n${app}` },
      /something of its own authenticate\. Rename it/,
    ],
    [
      'a file that is there',
      { 'package.json': manifest, 'app.js': app, 'permissions.js': '' },
      /permissions\.js is there already/,
    ],
    [
      'no test runner',
      { 'package.json': packageJson({ devDependencies: { mocha: '11.0.0' } }), 'app.js': app },
      /neither vitest nor jest.*npm install --save-dev vitest/,
    ],
    [
      'another verifier',
      { 'package.json': packageJson({ dependencies: { express: '5.0.0', 'express-jwt': '8.0.0' } }), 'app.js': app },
      /express-jwt verifies bearer tokens here already/,
    ],
    [
      'Nest',
      { 'package.json': packageJson({ dependencies: { express: '5.0.0', '@nestjs/core': '11.0.0' } }), 'app.js': app },
      /Nest application/,
    ],
  ])('%s', async (_what, files, message, ...options) => {
    const { code, stdout, stderr } = await run(project(files), ...options);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
    expect([code, stdout]).toEqual([2, '']);
  });
});

it('helps, with examples', async () => {
  const { code, stdout } = await run('--help');
  expect(code).toBe(0);
  expect(stdout).toContain('npx express-app-roles init | git apply');
});
