import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const readsTypeScript = Boolean((process.features as { typescript?: unknown }).typescript);
let folder: string;

/** A plain node, as users run the command line: without the loader that runs these tests. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'load-module-test-'));
  buildSync({
    entryPoints: [fileURLToPath(new URL('../../src/cli/load-module.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: join(folder, 'load-module.cjs'),
  });
  // A library that is imported by one and required by the other has to be the same.
  const library = join(folder, 'node_modules/library');
  mkdirSync(library, { recursive: true });
  writeFileSync(
    join(library, 'package.json'),
    JSON.stringify({ name: 'library', exports: { import: './index.mjs', require: './index.js' } }),
  );
  writeFileSync(join(library, 'index.js'), 'exports.token = {};');
  writeFileSync(join(library, 'index.mjs'), "export { token } from './index.js';");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function project(name: string, files: Readonly<Record<string, string>>, { type = 'module', tsx = true } = {}): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'node_modules'), { recursive: true });
  if (tsx) {
    symlinkSync(dirname(require.resolve('tsx/package.json')), join(path, 'node_modules/tsx'));
  }
  for (const [file, text] of Object.entries({ 'package.json': JSON.stringify({ type }), ...files })) {
    writeFileSync(join(path, file), text);
  }
  return path;
}

/** What a module exports, or why it does not load. `same`: it has the library that the command line has. */
function load(file: string): unknown {
  const script = `
    const { loadModule } = require(${JSON.stringify(join(folder, 'load-module.cjs'))});
    loadModule(process.argv[1]).then(
      (exported) => ({ names: Object.keys(exported), same: exported.token === require('library').token }),
      (error) => ({ error: error.message }),
    ).then((result) => console.log(JSON.stringify(result)));`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  return JSON.parse(execFileSync(process.execPath, ['-e', script, file], { cwd: folder, env, encoding: 'utf8' }));
}

const source = {
  'entry.ts': "import { token } from './other.js';\nexport { token };\nexport const name: string = 'a';\n",
  'other.ts': "import { token } from 'library';\nexport enum Kind { A }\nexport { token };\n",
};

describe('a module of the project', () => {
  it.each(['module', 'commonjs'])('may be TypeScript with tsx in the project, in a package of type %s', (type) => {
    const path = project(`tsx-${type}`, source, { type });
    const { names, same } = load(join(path, 'entry.ts')) as { names: string[]; same: boolean };
    expect([names.includes('name'), same]).toEqual([true, true]);
  });

  it('may be TypeScript that node itself reads, from 22.18 on', () => {
    const text = "export { token } from 'library';\nexport const name: string = 'a';\n";
    const path = project('node', { 'entry.ts': text }, { tsx: false });
    const outcome = readsTypeScript ? { same: true } : { error: expect.stringContaining('install tsx') };
    expect(load(join(path, 'entry.ts'))).toMatchObject(outcome);
  });

  it('needs tsx for what node does not read', () => {
    const path = project('none', source, { tsx: false });
    expect(load(join(path, 'entry.ts'))).toMatchObject({
      error: expect.stringMatching(
        /entry\.ts: node v[\d.]+ does not read this TypeScript .*npm install --save-dev tsx$/,
      ),
    });
  });

  it.each([
    ['module.mjs', "export { token } from 'library';"],
    ['common.cjs', "exports.token = require('library').token;"],
    ['computed.cjs', "module.exports = { ['tok' + 'en']: require('library').token };"],
  ])('may be JavaScript: %s', (file, text) => {
    const path = project(`javascript-${file}`, { [file]: text }, { tsx: false });
    expect(load(join(path, file))).toMatchObject({ same: true });
  });

  it.each([
    ['that is not there', 'none.ts', undefined, /none\.ts: there is no such file/],
    ['that is none', 'module.yaml', '', /module\.yaml: give a \.ts or \.js module/],
    ['that throws', 'throws.mjs', "throw new Error('no\\nat all');", /throws\.mjs: it does not load: no$/],
  ])('is refused %s', (_what, file, text, message) => {
    const path = project(`refused-${file}`, text === undefined ? {} : { [file]: text });
    expect(load(join(path, file))).toEqual({ error: expect.stringMatching(message) });
  });
});
