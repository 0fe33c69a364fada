import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../src/', import.meta.url);

/** Jest with CommonJS cannot load jose, which is ESM alone. */
it('reaches no import beyond Node and the library itself', () => {
  const seen = new Set<string>();
  const foreign = new Set<string>();
  const visit = (file: URL) => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const source = readFileSync(file, 'utf8');
    for (const [statement, specifier = ''] of source.matchAll(/^(?:import|export)\s[^;]*?from '([^']+)';/gm)) {
      if (/^(?:import|export) type /.test(statement)) continue;
      if (specifier.startsWith('.')) visit(new URL(specifier.replace(/\.js$/, '.ts'), file));
      else if (!specifier.startsWith('node:')) foreign.add(specifier);
    }
  };
  expect(existsSync(new URL('testing/index.ts', root))).toBe(true);
  visit(new URL('testing/index.ts', root));
  expect([...foreign]).toEqual([]);
  expect([...seen].some((file) => file.endsWith('/emulator/keys/sign-token.ts'))).toBe(true);
});
