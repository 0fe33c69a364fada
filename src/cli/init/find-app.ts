import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../verb.js';
import { lineOf, type Statement, statementsFrom, withoutText } from './code-outline.js';

/** Where an Express app is made, and how others get at it. */
export interface App {
  /** Relative to the project, with slashes. */
  readonly file: string;
  readonly source: string;
  /** What it is called there. */
  readonly name: string;
  readonly indent: string;
  /** From the declaration to the end of its block; the declaration is the first. */
  readonly statements: readonly [Statement, ...Statement[]];
  /** The line after the last import, or that of the declaration. */
  readonly importLine: number;
  readonly syntax: 'import' | 'require';
  /** How a test gets the app. */
  readonly exported: Exported;
}

export interface Exported {
  /** The name of the export; undefined where a CommonJS module is the thing itself. */
  readonly name: string | undefined;
  /** Whether it is the app, a function that makes one, or one that promises it. */
  readonly kind: 'app' | 'function' | 'async function';
}

const skipped =
  /^(?:\..*|node_modules|dist|build|out|lib-cov|coverage|test|tests|__tests__|e2e|spec|examples|docs|public)$/;
const code = /\.[cm]?[jt]s$/;
const notCode = /\.(?:d|test|spec|config)\.[cm]?[jt]s$/;

/**
 * Finds the file that calls `express()`.
 *
 * @throws UsageError where there is none, or several, or one that nothing can be added to
 */
export function findApp(project: string, given: string | undefined): App {
  const files = given === undefined ? codeFiles(project) : [given.replaceAll('\\', '/').replace(/^\.\//, '')];
  const found = files.flatMap((file) => {
    const source = read(project, file);
    return callsExpress(source) ? [{ file, source }] : [];
  });
  const [app, ...others] = found;
  if (app === undefined) {
    throw new UsageError(
      given === undefined
        ? 'no file here calls express(). Run it in the folder of the API, or name the file: --app src/app.js'
        : `${given} does not call express(). Name the file that does: --app src/app.js`,
    );
  }
  if (others.length > 0) {
    const names = found.map(({ file }) => file);
    throw new UsageError(`${names.join(', ')} each call express(). Choose one: --app ${app.file}`);
  }
  return describeApp(app.file, app.source);
}

function codeFiles(project: string, folder = ''): string[] {
  return readdirSync(join(project, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory()) return skipped.test(entry.name) ? [] : codeFiles(project, `${path}/`);
    return entry.isFile() && code.test(path) && !notCode.test(path) ? [path] : [];
  });
}

function read(project: string, file: string): string {
  try {
    return readFileSync(join(project, file), 'utf8');
  } catch {
    throw new UsageError(`${file}: there is no such file.`);
  }
}

/** What the file calls express, or undefined where it does not load it. */
function nameOfExpress(source: string): string | undefined {
  return (/import\s+(?:\*\s+as\s+)?(\w+)[^'";]*\sfrom\s+['"]express['"]/.exec(source) ??
    /(?:const|let|var|import)\s+(\w+)\s*=\s*require\(\s*['"]express['"]\s*\)/.exec(source))?.[1];
}

function callOf(source: string): RegExp {
  const name = nameOfExpress(source);
  return new RegExp(
    `${name === undefined ? '(?!)' : `\\b${name}\\(\\s*\\)`}|\\brequire\\(\\s*['"] +['"]\\s*\\)\\(\\s*\\)`,
  );
}

function callsExpress(source: string): boolean {
  return /['"]express['"]/.test(source) && callOf(source).test(withoutText(source));
}

function describeApp(file: string, source: string): App {
  const masked = withoutText(source);
  const declaration = new RegExp(
    `^([ \\t]*)(export\\s+)?(?:const|let|var)\\s+(\\w+)(?:\\s*:\\s*[\\w.]+)?\\s*=\\s*(?:${callOf(source).source})`,
    'm',
  ).exec(masked);
  if (!declaration) {
    throw new UsageError(
      `${file} calls express(), but not as const app = express(). Write it so, for the lines that follow to be found.`,
    );
  }
  const [, indent = '', , name = ''] = declaration;
  const [first, ...rest] = statementsFrom(source, declaration.index);
  if (first === undefined) throw new UsageError(`${file} could not be read. Name another file: --app src/app.js`);
  const listening = rest.find((statement) => new RegExp(`^[\\s\\S]*\\b${name}\\.listen\\(`).test(statement.code));
  if (listening && !/require\.main|import\.meta|process\.argv|NODE_ENV/.test(listening.source)) {
    throw new UsageError(
      `${file} listens in line ${listening.firstLine + 1}, and would in a test as well. Export the app from it, and put ${name}.listen(…) in another file.`,
    );
  }
  const position = declaration.index;
  return {
    file,
    source,
    name,
    indent,
    statements: [first, ...rest],
    importLine: lineAfterImports(masked, position),
    syntax: /\.[cm]?ts$/.test(file) || /^import\s[^=]*['"]/m.test(masked) ? 'import' : 'require',
    exported: exportOf(file, masked, name, position),
  };
}

function lineAfterImports(masked: string, declaration: number): number {
  const imports = /^import\b[^;'"]*['"] *['"];?|^(?:const|let|var|import)\s[^;=]*=\s*require\([^)\n]*\)[^\n]*/gm;
  const ends = [...masked.matchAll(imports)]
    .map(({ index, 0: text }) => index + text.length)
    .filter((position) => position < declaration);
  return ends.length === 0 ? lineOf(masked, declaration) : lineOf(masked, Math.max(...ends)) + 1;
}

function exportOf(file: string, masked: string, app: string, declaration: number): Exported {
  const maker = functionAround(file, masked, declaration);
  const name = maker?.name ?? app;
  const kind = maker?.kind ?? 'app';
  const isExported = (pattern: string) => new RegExp(pattern, 'm').test(masked);
  if (isExported(`^export\\s+default\\s+(?:(?:async\\s+)?function\\s+)?${name}\\b`)) return { name: 'default', kind };
  if (isExported(`^export\\s+(?:(?:async\\s+)?function|const|let|var)\\s+${name}\\b`)) return { name, kind };
  if (isExported(`^export\\s*\\{[^}]*\\b${name}\\b(?!\\s+as)[^}]*\\}`)) return { name, kind };
  if (isExported(`^module\\.exports\\s*=\\s*${name}\\b`)) return { name: undefined, kind };
  if (isExported(`^export\\s*=\\s*${name}\\b`)) return { name: 'default', kind };
  if (isExported(`^(?:module\\.)?exports\\.${name}\\s*=`)) return { name, kind };
  if (isExported(`^module\\.exports\\s*=\\s*\\{[^}]*\\b${name}\\b[^}]*\\}`)) return { name, kind };
  throw new UsageError(
    `${file} does not export ${name}, so that no test can ask it. Export it, and put the line that listens in another file.`,
  );
}

/** The function of the module in which the app is made, if it is made in one. */
function functionAround(file: string, masked: string, declaration: number) {
  const isWithin = (start: number) => {
    const body = masked.slice(start, declaration);
    return body.split('{').length > body.split('}').length;
  };
  const makers =
    /^(?:export\s+)?(?:default\s+)?(?:(async\s+)?function\s+(\w+)\s*\(([^)]*)\)|const\s+(\w+)\s*=\s*(async\s*)?\(([^)]*)\)[^=]*=>)/gm;
  const found = [...masked.matchAll(makers)].findLast(({ index }) => index < declaration && isWithin(index));
  if (!found) return undefined;
  const [, isAsync, declared, parameters, assigned, isAsyncArrow, arrowParameters] = found;
  const name = declared ?? assigned ?? '';
  const needed = (parameters ?? arrowParameters ?? '')
    .split(',')
    .filter((each) => each.trim() !== '' && !/[?=]/.test(each));
  if (needed.length > 0) {
    throw new UsageError(
      `${name} in ${file} cannot be called without arguments, as the first test would. Give ${needed.join(', ').trim()} a default, and run it again.`,
    );
  }
  return { name, kind: isAsync || isAsyncArrow ? ('async function' as const) : ('function' as const) };
}
