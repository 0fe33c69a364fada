import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const source = new URL('../../src/', import.meta.url);
const tests = new URL('../', import.meta.url);
const filesIn = (folder: URL) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** Without what a formatter may change: white space, and a comma before what closes. */
const squeezed = (code: string) => code.replaceAll(/\s/g, '').replaceAll(/,([)\]}])/g, '$1');

/** The code of a docstring: what stands in a fence, or after `@example`, which needs none. */
function examplesOf(file: string): string[] {
  const docstrings = readFileSync(new URL(file, source), 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  return docstrings
    .map((each) => each.replaceAll(/^[ \t]*(?:\/\*\*| \*\/| \* ?)/gm, ''))
    .flatMap((text) => [...text.matchAll(/```ts\n([\s\S]*?)```|@example\n((?:(?!```|^@)[\s\S])+)/gm)])
    .map(([, fenced, plain]) => (fenced ?? plain ?? '').trim())
    .filter((code) => code !== '');
}

const documented = filesIn(source).flatMap((file) => examplesOf(file).map((code) => ({ file, code })));
const executed = squeezed(
  filesIn(tests)
    .filter((file) => file !== 'exports/examples.test.ts')
    .map((file) => readFileSync(new URL(file, tests), 'utf8'))
    .join('\n'),
);

describe('the example in the docstring of', () => {
  it('something is found', () => {
    expect(documented.length).toBeGreaterThan(8);
  });

  it.each(documented)('$file stands in a test, word for word, and so is compiled and run', ({ code }) => {
    expect(executed.includes(squeezed(code)), code).toBe(true);
  });
});
