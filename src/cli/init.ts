import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeProject, type Project } from './init/describe-project.js';
import { type FileChange, toPatch } from './init/file-change.js';
import { planChanges } from './init/plan-changes.js';
import { columns, UsageError, type Verb } from './verb.js';

/** `express-app-roles init`: what an existing Express project needs, as a patch, or applied. */
export const init: Verb = {
  name: 'init',
  summary: 'Adds the library to an existing Express project: prints a patch, or applies it.',
  positionals: ['folder'],
  options: {
    write: { summary: 'apply the patch; the working tree of git must be clean' },
    app: { value: 'FILE', summary: 'of the folder that calls express(), where there are several' },
    json: { summary: 'print JSON: what was found, the files, the patch, whether it was applied, the next commands' },
  },
  details: `
It finds the file that calls express(), the package manager, the module system, the language and the test runner, and adds

  the dependency, and supertest where it is missing
  a file with the API's permissions, and one with its settings, of the environment variables TENANT_ID and CLIENT_ID
  authenticate after the body parsers and before the routes, with undeclared: 'report', so that every route works
    as before; only a bearer token that is not Entra's is refused (401)
  one protected route, GET /whoami, and the first suite, which runs without a tenant

The patch goes to standard output and can be applied from any folder of the repository; what was found goes to standard
error. Nothing is installed.`,
  examples: [
    { command: 'npx express-app-roles init', what: 'print the patch, to read it' },
    { command: 'npx express-app-roles init | git apply', what: 'apply what was printed' },
    {
      command: 'npx express-app-roles init --write && npm install && npm test',
      what: 'apply it, and see the suite pass',
    },
    { command: 'npx express-app-roles init services/orders --app src/http.ts', what: 'in a monorepo' },
  ],

  async run({ positionals: [folder = '.'], options }) {
    const appFile = typeof options.app === 'string' ? options.app : undefined;
    const project = describeProject(folder, appFile);
    const changes = planChanges(project, libraryVersion());
    const patch = toPatch(changes, prefixOf(folder));
    const isApplied = options.write === true;
    if (isApplied) applyPatch(folder, patch);
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(asJson(project, changes, patch, isApplied), undefined, 2)}\n`);
    } else {
      if (!isApplied) process.stdout.write(patch);
      process.stderr.write(describe(project, changes, isApplied));
    }
    return undefined;
  },
};

function libraryVersion(): string {
  return JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8')).version;
}

function git(folder: string, args: readonly string[], input?: string): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: 'pipe',
    ...(input !== undefined && { input }),
  });
}

/** Where the folder is in its repository; outside of one, paths are relative to the folder. */
function prefixOf(folder: string): string {
  try {
    return git(folder, ['rev-parse', '--show-prefix']).trim();
  } catch {
    return '';
  }
}

function applyPatch(folder: string, patch: string): void {
  const status = statusOf(folder);
  if (status !== '') {
    const [first] = status.split('\n');
    throw new UsageError(
      `the working tree is not clean (${first?.trim()}), and --write would mix with that. Commit or stash it (git stash --include-untracked), and run it again.`,
    );
  }
  git(folder, ['apply', '-'], patch);
}

function statusOf(folder: string): string {
  try {
    return git(folder, ['status', '--porcelain', '--untracked-files=all']);
  } catch {
    throw new UsageError(
      '--write needs a git repository, to be undone. Make one (git init, git add, git commit), or leave --write away and read the patch.',
    );
  }
}

function nextCommands({ packageManager }: Project): string[] {
  return [`${packageManager} install`, `${packageManager} ${packageManager === 'bun' ? 'run test' : 'test'}`];
}

function describe(project: Project, changes: readonly FileChange[], isApplied: boolean): string {
  const { app, language, packageManager, expressVersion, testRunner } = project;
  const found = [
    ['app', `${app.name} in ${app.file} (${language}, ${app.syntax})`],
    ['express', expressVersion],
    ['packages', packageManager],
    ['tests', testRunner],
    ...changes.map((change) => ['create' in change ? 'new' : 'changed', change.path] as const),
  ] as const;
  const apply = isApplied ? [] : ['apply the patch (npx express-app-roles init | git apply), or run it with --write'];
  const next = [
    ...apply,
    ...nextCommands(project),
    'TENANT_ID=<directory id> CLIENT_ID=<application id>, and start the API',
  ];
  return `${columns(found)}\n\nNext\n${next.map((each) => `  ${each}`).join('\n')}\n`;
}

function asJson(project: Project, changes: readonly FileChange[], patch: string, applied: boolean) {
  const { app, language, packageManager, expressVersion, testRunner } = project;
  return {
    project: {
      app: app.file,
      appName: app.name,
      language,
      modules: app.syntax,
      expressVersion,
      packageManager,
      testRunner,
    },
    files: changes.map((change) => ({ path: change.path, change: 'create' in change ? 'create' : 'modify' })),
    patch,
    applied,
    next: nextCommands(project),
  };
}
