// Packs the library and uses the tarball as its users do: from ESM and CommonJS, on every supported Node and Express, compiled by
// the oldest supported TypeScript and by the newest, and tested with vitest and Jest.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkInit } from './init.mjs';
import { findNodes } from './nodes.mjs';
import { everyExport } from './public-exports.mjs';
import { checkContents, pack } from './tarball.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'express-app-roles-'));
const bin = (path, from = root) => join(from, 'node_modules', path);

function run(command, args, cwd, env = {}) {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${[command, ...args].join(' ')}\nin ${cwd}\n${stdout}${stderr}`));
      else resolve(stdout);
    });
  });
}

/** node10 is what TypeScript 5 chooses for CommonJS unless told otherwise; the newest no longer has it. */
const resolutions = {
  node16: ['--module', 'node16', '--moduleResolution', 'node16'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
  node10: ['--module', 'commonjs', '--moduleResolution', 'node10'],
};

const npm = (args, cwd) => run('npm', [...args, '--silent', '--no-audit', '--no-fund'], cwd);
const writeJson = (path, value) => writeFileSync(path, JSON.stringify(value, undefined, 2));

/** Three at a time. What has been started is waited for, so that nothing runs on in a folder that is being removed. */
async function inTurn(tasks) {
  const waiting = [...tasks];
  const failures = [];
  const work = async () => {
    for (let task = waiting.shift(); task && failures.length === 0; task = waiting.shift()) {
      await task().catch((error) => failures.push(error));
    }
  };
  await Promise.all([work(), work(), work()]);
  if (failures.length > 0) throw failures[0];
}

/** A folder with what is tried out in both module systems, and one installation for both. */
async function createProject(express, tarball) {
  const project = join(folder, `express-${express}`);
  mkdirSync(project);
  cpSync(join(here, 'project'), project, { recursive: true });
  writeJson(join(project, 'package.json'), { name: 'project', private: true });
  for (const type of ['esm', 'commonjs']) {
    writeJson(join(project, type, 'package.json'), { type: type === 'esm' ? 'module' : type });
    for (const file of ['main.ts', 'must-not-compile.ts'])
      cpSync(join(here, 'project', file), join(project, type, file));
    writeFileSync(join(project, type, 'exports.ts'), everyExport());
  }
  for (const file of ['main.ts', 'must-not-compile.ts']) rmSync(join(project, file));
  await npm(['install', tarball, `express@${express}`, `@types/express@${express}`, '@types/node@20'], project);
  return { express, project };
}

const step = (text) => console.log(`${String(Math.round(performance.now() / 1000)).padStart(4)} s  ${text}`);

try {
  const tarball = await pack({ npm, root, folder });
  const { size, files } = await checkContents({ tarball, root, run });
  step(`tarball: ${size} bytes, ${files} files`);

  await run(process.execPath, [bin('publint/src/cli.js'), tarball, '--strict'], root);
  await run(process.execPath, [bin('@arethetypeswrong/cli/dist/index.js'), tarball], root);
  step('publint and attw: clean');

  // What the projects share lies above them, where Node and the compilers look as well.
  writeJson(join(folder, 'package.json'), { name: 'tools', private: true });
  const tools = ['typescript@~5.4', 'vitest@4', 'jest@30', 'supertest@7', '@types/supertest@7'];
  const installTools = async () => {
    await npm(['install', ...tools], folder);
    return findNodes(folder, npm);
  };
  const [nodes, ...projects] = await Promise.all([
    installTools(),
    createProject(4, tarball),
    createProject(5, tarball),
  ]);
  step(`installed: Express 4 and 5, Node ${nodes.map(({ major }) => major).join(', ')}`);

  const compilers = [root, folder].map((from) => ({
    tsc: bin('typescript/bin/tsc', from),
    version: JSON.parse(readFileSync(bin('typescript/package.json', from), 'utf8')).version,
  }));
  await inTurn(
    projects.flatMap(({ project }) =>
      compilers.flatMap(({ tsc, version }) =>
        Object.entries(resolutions)
          .filter(([name]) => name !== 'node10' || version.startsWith('5.'))
          .map(
            ([, options]) =>
              () =>
                run(process.execPath, [tsc, '--project', project, '--noEmit', ...options], project),
          ),
      ),
    ),
  );
  for (const { project } of projects) {
    await run(process.execPath, [compilers[0].tsc, '--project', project, ...resolutions.node16], project);
  }
  step(`typed: TypeScript ${compilers.map(({ version }) => version).join(', ')}; node16, bundler, node10`);

  await inTurn(
    projects.flatMap(({ project }) =>
      nodes.flatMap(({ binary }) => [
        ...['esm', 'commonjs'].map((type) => () => run(binary, ['main.js'], join(project, type), { NODE_ENV: 'test' })),
        () => run(binary, [join(project, 'esm', 'doors.js'), join(here, 'public-exports.json')], project),
      ]),
    ),
  );
  step('run: ESM and CommonJS, every subpath by import and by require');

  const suites = [
    ['esm', 'vitest/vitest.mjs', ['run', '--globals'], {}],
    ['esm', 'jest/bin/jest.js', [], { NODE_OPTIONS: '--experimental-vm-modules' }],
    ['commonjs', 'jest/bin/jest.js', [], {}],
  ];
  await inTurn(
    projects.flatMap(({ project }) =>
      nodes.flatMap(({ binary }) =>
        suites.map(
          ([type, runner, args, env]) =>
            () =>
              run(binary, [bin(runner, folder), ...args], join(project, type), env),
        ),
      ),
    ),
  );
  step('tested: vitest, Jest with ESM, Jest with CommonJS');

  for (const { express, project } of projects) await checkInit({ express, project, folder, run });
  step('init: an Express 4 project in CommonJS, an Express 5 one in TypeScript');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
