import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../verb.js';
import { type App, findApp } from './find-app.js';

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** What there is to know of an API before something is added to it. */
export interface Project {
  readonly folder: string;
  readonly packageJson: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly packageManager: PackageManager;
  readonly expressVersion: string;
  readonly language: 'TypeScript' | 'JavaScript';
  readonly testRunner: 'vitest' | 'jest';
  readonly testFolder: string;
  /** How test files end: `.test.js`, `.spec.ts`. */
  readonly testSuffix: string;
  /** What relative imports end with: `.js`, or nothing. */
  readonly importSuffix: string;
  readonly app: App;
}

const lockFiles: readonly (readonly [string, PackageManager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];

const otherVerifiers = ['passport-azure-ad', 'express-oauth2-jwt-bearer', 'express-jwt', 'passport-jwt'];

/** @throws UsageError for what cannot be found, with what to do about it */
export function describeProject(folder: string, appFile: string | undefined): Project {
  const packageJson = readPackageJson(folder);
  const manifest = parse(packageJson);
  const dependencies = { ...manifest.devDependencies, ...manifest.dependencies };
  if (dependencies['@nestjs/core'] !== undefined) {
    throw new UsageError('this is a Nest application, which makes its Express app itself. See the README on NestJS.');
  }
  const verifier = otherVerifiers.find((each) => dependencies[each] !== undefined);
  if (verifier !== undefined) {
    throw new UsageError(
      `${verifier} verifies bearer tokens here already, and two would refuse what one accepts. See the README on coming from it.`,
    );
  }
  const app = findApp(folder, appFile);
  const language = /\.[cm]?ts$/.test(app.file) ? 'TypeScript' : 'JavaScript';
  const tests = testFiles(folder);
  const [existing] = tests;
  return {
    folder,
    packageJson,
    dependencies,
    packageManager: findPackageManager(folder, manifest.packageManager),
    expressVersion: findExpress(folder, dependencies),
    language,
    testRunner: findTestRunner(dependencies),
    testFolder: existing === undefined ? 'test' : dirname(existing).replace(/^\.$/, ''),
    testSuffix:
      /\.(?:test|spec)\.[cm]?[jt]s$/.exec(existing ?? '')?.[0] ?? `.test${/\.[cm]?[jt]s$/.exec(app.file)?.[0]}`,
    importSuffix: importSuffix(app, language, manifest.type === 'module'),
    app,
  };
}

interface Manifest {
  readonly type?: string;
  readonly packageManager?: string;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
}

function readPackageJson(folder: string): string {
  try {
    return readFileSync(join(folder, 'package.json'), 'utf8');
  } catch {
    throw new UsageError(`${folder} has no package.json. Run it in the folder of the API, where package.json is.`);
  }
}

function parse(packageJson: string): Manifest {
  try {
    return JSON.parse(packageJson) as Manifest;
  } catch (error) {
    throw new UsageError(`package.json is not JSON: ${(error as Error).message}.`);
  }
}

/** In a monorepo the lock file lies further up. */
function findPackageManager(folder: string, declared: string | undefined): PackageManager {
  const named = /^(?:npm|pnpm|yarn|bun)(?=@)/.exec(declared ?? '')?.[0];
  if (named !== undefined) return named as PackageManager;
  for (let at = resolve(folder); ; at = dirname(at)) {
    const found = lockFiles.find(([file]) => existsSync(join(at, file)));
    if (found) return found[1];
    if (existsSync(join(at, '.git')) || at === dirname(at)) return 'npm';
  }
}

function findExpress(folder: string, { express: range }: Readonly<Record<string, string>>): string {
  if (range === undefined) {
    throw new UsageError(
      'package.json does not depend on express. Run it in the folder of the API, or install it: npm install express',
    );
  }
  const version = installedVersion(folder, 'express') ?? /\d+(?:\.\d+)*/.exec(range)?.[0] ?? '';
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 4 || (major === 4 && version.includes('.') && minor < 18)) {
    throw new UsageError(`Express ${version} is too old: 4.18 and 5 are supported. Update it: npm install express@4`);
  }
  return version;
}

function installedVersion(folder: string, name: string): string | undefined {
  try {
    const { version } = createRequire(join(resolve(folder), 'package.json'))(`${name}/package.json`);
    return String(version);
  } catch {
    return undefined;
  }
}

function findTestRunner(dependencies: Readonly<Record<string, string>>): 'vitest' | 'jest' {
  const found = (['vitest', 'jest'] as const).find((each) => dependencies[each] !== undefined);
  if (found === undefined) {
    throw new UsageError(
      'package.json names neither vitest nor jest, and what is added comes with a suite. Install one: npm install --save-dev vitest',
    );
  }
  return found;
}

function testFiles(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${below}${entry.name}`;
      if (entry.isDirectory()) {
        return /^(?:\..*|node_modules|dist|build|coverage)$/.test(entry.name) ? [] : testFiles(folder, `${path}/`);
      }
      return /\.(?:test|spec)\.[cm]?[jt]s$/.test(path) ? [path] : [];
    })
    .sort();
}

/** As the file writes its own imports; if it has none, as its module system needs them. */
function importSuffix({ source, file, syntax }: App, language: Project['language'], isModule: boolean): string {
  const own = /(?:from\s+|require\(\s*)['"]\.{1,2}\/[^'"]*?(\.[cm]?[jt]s)?['"]/.exec(source);
  if (own) return own[1] ?? '';
  const extension = /\.[cm]?[jt]s$/.exec(file)?.[0].replace('ts', 'js') ?? '';
  return isModule || extension === '.mjs' || (language === 'JavaScript' && syntax === 'import') ? extension : '';
}
