import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const maxBytes = 300_000;
const topLevel = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json'];

/** Packs the library as it would be published. */
export async function pack({ npm, root, folder }) {
  await npm(['pack', '--pack-destination', folder], root);
  const name = readdirSync(folder).find((each) => each.endsWith('.tgz'));
  assert(name, 'npm pack wrote no tarball');
  return join(folder, name);
}

/** Every file in it is there on purpose, and it is small. */
export async function checkContents({ tarball, root, run }) {
  const { size } = statSync(tarball);
  assert(size <= maxBytes, `The tarball has ${size} bytes; at most ${maxBytes} are wanted.`);

  const files = (await run('tar', ['-tzf', tarball], root))
    .trimEnd()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  assert.deepEqual([...new Set(files.map((path) => path.split('/')[0]))].sort(), topLevel);
  const strange = files.filter(
    (path) => path.startsWith('dist/') && path !== 'dist/package.json' && !/\.(js|mjs|d\.ts|d\.mts)$/.test(path),
  );
  assert.deepEqual(strange, [], 'dist has code and types alone: no maps, no tests, no sources');
  assert.deepEqual(
    files.filter((path) => /\.(test|spec)\./.test(path)),
    [],
  );
  return { size, files: files.length };
}
