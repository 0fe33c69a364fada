import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Tokens on their way to child processes. They are read as bytes, and each use makes a new string of them: a server gets each
 * header as a new string too, and what an engine remembers of a string it has seen (its hash) would flatter caches. The file goes
 * when the process ends.
 */
export function writeTokens(lists) {
  const folder = mkdtempSync(join(tmpdir(), 'express-app-roles-bench-'));
  const file = join(folder, 'tokens.json');
  writeFileSync(file, JSON.stringify(lists));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return file;
}

/** @returns {Record<string, { length: number, token(index: number): string, authorization(index: number): string }>} */
export function readTokens(file) {
  const lists = Object.entries(JSON.parse(readFileSync(file, 'utf8')));
  return Object.fromEntries(lists.map(([name, tokens]) => [name, asBytes(tokens)]));
}

function asBytes(tokens) {
  const bytes = tokens.map((token) => Buffer.from(`Bearer ${token}`, 'latin1'));
  return {
    length: tokens.length,
    token: (index) => bytes[index].latin1Slice('Bearer '.length),
    authorization: (index) => bytes[index].latin1Slice(),
  };
}
