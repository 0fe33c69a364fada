import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { DirectoryDescription } from '../emulator/index.js';
import { loadModule } from './load-module.js';
import { UsageError } from './verb.js';

/** A description in a file: JSON, or a module whose default export (or export `directory`) it is. */
export async function readDirectoryFile(file: string): Promise<DirectoryDescription> {
  const extension = extname(file);
  if (extension === '.json') {
    return parse(file, await read(file));
  }
  if (!['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'].includes(extension)) {
    throw new UsageError(`${file}: give a .json file, or a .ts or .js module.`);
  }
  await read(file);
  const exported = await loadModule(file);
  const description = exported.directory ?? exported.default;
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
