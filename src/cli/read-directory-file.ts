import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DirectoryDescription } from '../emulator/index.js';
import { UsageError } from './verb.js';

/**
 * A description in a file: JSON, or a module whose default export (or export `directory`) it is. TypeScript where node
 * reads it: 22.18 and newer do by themselves.
 */
export async function readDirectoryFile(file: string): Promise<DirectoryDescription> {
  const extension = extname(file);
  if (extension === '.json') {
    return parse(file, await read(file));
  }
  if (!['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'].includes(extension)) {
    throw new UsageError(`${file}: give a .json file, or a .ts or .js module.`);
  }
  await read(file);
  const exported = await load(file);
  // A CommonJS module comes with what it exports as its default.
  const inner = exported.default as { default?: unknown; directory?: unknown } | undefined;
  const description = exported.directory ?? inner?.directory ?? inner?.default ?? inner;
  if (typeof description !== 'object' || description === null) {
    throw new UsageError(`${file}: export the description as default, or as \`directory\`.`);
  }
  return description as DirectoryDescription;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(missing ? `${file}: there is no such file.` : `${file}: it cannot be read.`);
  }
}

/** What follows from the JSON is checked where the directory is built. */
function parse(file: string, text: string): DirectoryDescription {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: is not JSON: ${(error as Error).message.replace(/\s+/g, ' ')}`);
  }
}

async function load(file: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    const cannot = (error as NodeJS.ErrnoException).code === 'ERR_UNKNOWN_FILE_EXTENSION';
    const reason = (error as Error).message.split('\n', 1)[0];
    throw new UsageError(
      cannot
        ? `${file}: node ${process.version} does not read TypeScript; 22.18 and newer do, or start with NODE_OPTIONS='--import tsx'.`
        : `${file}: it does not load: ${reason}`,
    );
  }
}
