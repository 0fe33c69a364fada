// Every subpath has, by `import` and by `require`, exactly the values of the hand-written list, and they are the same ones.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const listed = JSON.parse(readFileSync(process.argv[2], 'utf8'));

for (const [subpath, { values }] of Object.entries(listed)) {
  const specifier = subpath.replace('.', 'express-app-roles');
  const imported = await import(specifier);
  const required = require(specifier);
  assert.deepEqual(Object.keys(imported).sort(), [...values].sort(), `import of ${specifier}`);
  assert.deepEqual(Object.keys(required).sort(), [...values].sort(), `require of ${specifier}`);
  for (const name of values) assert.equal(imported[name], required[name], `${name} of ${specifier} exists twice`);
}
