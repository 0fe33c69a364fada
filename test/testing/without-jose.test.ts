import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../src/', import.meta.url);

/** Jest with CommonJS cannot load a package that is ES modules alone, as most of this field are by now. */
it.each([
  ['index.ts', []],
  ['testing/index.ts', []],
  ['emulator/index.ts', ['express']],
])('%s reaches no import beyond Node, the library itself and %j', (door, allowed) => {
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
  visit(new URL(door, root));
  expect([...foreign]).toEqual(allowed);
  expect(seen.size).toBeGreaterThan(20);
});
