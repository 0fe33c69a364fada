import type { Answer } from './answer.js';
import { files } from './files.js';

const types: Readonly<Record<string, string>> = { css: 'text/css', html: 'text/html', mjs: 'text/javascript' };

/** The files that the page consists of, by name. */
export const assets: ReadonlyMap<string, Answer> = new Map(
  Object.entries(files).map(([name, body]) => {
    const type = types[name.slice(name.lastIndexOf('.') + 1)] ?? 'text/plain';
    return [name, { status: 200, type, body }];
  }),
);
