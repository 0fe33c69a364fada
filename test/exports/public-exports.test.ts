import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Names {
  readonly values: readonly string[];
  readonly types: readonly string[];
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const listed: Record<string, Names> = JSON.parse(read('test/packages/public-exports.json'));

/** Doors export by hand-written list alone, so their text says what they export, types as well. */
function exportedBy(door: string): Names {
  const names: { values: string[]; types: string[] } = { values: [], types: [] };
  const rest = door.replaceAll(/^export (type )?\{([^}]*)\} from '[^']+';$/gm, (_, type, list: string) => {
    for (const each of list.split(',').map((name) => name.trim())) {
      if (each !== '') names[type || each.startsWith('type ') ? 'types' : 'values'].push(each.replace(/^type /, ''));
    }
    return '';
  });
  expect(rest.trim(), 'what is in a door beside its list').toBe('');
  return { values: names.values.sort(), types: names.types.sort() };
}

it('every subpath of the package is listed', () => {
  const { exports } = JSON.parse(read('package.json'));
  expect(Object.keys(exports)).toEqual([...Object.keys(listed), './package.json']);
});

describe.each(Object.entries(listed))('%s', (subpath, { values, types }) => {
  it('exports the names of test/packages/public-exports.json, and no others', () => {
    expect(exportedBy(read(`src/${subpath.slice(2)}/index.ts`.replace('//', '/')))).toEqual({
      values: [...values].sort(),
      types: [...types].sort(),
    });
  });

  it('has them at run time', async () => {
    const door = await import(`../../src/${subpath.slice(2)}/index.ts`.replace('//', '/'));
    expect(Object.keys(door).sort()).toEqual([...values].sort());
  });
});
