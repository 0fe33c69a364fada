import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UsageError } from './verb.js';

const typeScript = ['.ts', '.mts', '.cts', '.tsx'];
const javaScript = ['.js', '.mjs', '.cjs'];

/**
 * What a module of the user's project exports. TypeScript is read by the project's own tsx where it has one: it knows about
 * `./x.js` that is `x.ts`, enums and path aliases. Otherwise node reads it, 22.18 and newer. The module gets the same copy of
 * this library as the command line has.
 *
 * @throws UsageError that names the file
 */
export async function loadModule(file: string): Promise<Readonly<Record<string, unknown>>> {
  const extension = extname(file);
  if (![...typeScript, ...javaScript].includes(extension)) {
    throw new UsageError(`${file}: give a .ts or .js module.`);
  }
  const path = resolve(file);
  await stat(path).catch(() => {
    throw new UsageError(`${file}: there is no such file.`);
  });
  const isTypeScript = typeScript.includes(extension);
  if (isTypeScript) {
    await startTsx(path);
  }
  try {
    const { default: exported, ...named } = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    // A CommonJS module comes with what it exports as its default.
    const isCommonJs =
      typeof exported === 'object' && exported !== null && Object.keys(named).every((name) => name in exported);
    return isCommonJs ? { default: exported, ...exported, ...named } : { default: exported, ...named };
  } catch (error) {
    throw new UsageError(`${file}: ${reasonOf(error, isTypeScript)}`);
  }
}

/** Not tried after an attempt of node's own, for node remembers modules that did not load. */
async function startTsx(path: string): Promise<void> {
  let tsx: string;
  try {
    tsx = createRequire(path).resolve('tsx');
  } catch {
    return;
  }
  await import(pathToFileURL(tsx).href);
}

function reasonOf(error: unknown, isTypeScript: boolean): string {
  const { code, name, message = String(error) } = error as { code?: string; name?: string; message?: string };
  // This library's own sentences have a line for each finding.
  const first = name === 'ConfigurationError' ? message : message.split('\n', 1)[0];
  const isForTsx = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'].includes(code ?? '');
  if (isForTsx || (isTypeScript && code === 'ERR_MODULE_NOT_FOUND')) {
    return `node ${process.version} does not read this TypeScript (${first}); install tsx in the project: npm install --save-dev tsx`;
  }
  return `it does not load: ${first}`;
}
