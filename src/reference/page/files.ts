import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, 'client');

/**
 * The text of each file of the page, by name. In the package this module is another, written by .ci/build.mjs: it has the texts
 * in itself, so that a server which is bundled into one file still has them.
 */
export const files: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
);
