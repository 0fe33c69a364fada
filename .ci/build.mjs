// Builds dist: CommonJS, once, with an ESM door for each entry. One copy of the code serves both kinds of users, so that
// nothing can exist twice in a process, and CommonJS test runners can load it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const require = createRequire(import.meta.url);
const path = (relative) => fileURLToPath(new URL(relative, root));

rmSync(path('dist'), { recursive: true, force: true });
// Comments are for readers of the types: the code is shipped without them.
for (const emit of [['--removeComments', '--declaration', 'false'], ['--emitDeclarationOnly']]) {
  const tsc = path('node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', path('src'), ...emit], { stdio: 'inherit' });
}
writeFileSync(path('dist/package.json'), JSON.stringify({ type: 'commonjs' }));

const { exports, bin = {} } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
for (const { import: door } of Object.values(exports)) {
  if (door === undefined) continue;
  const names = Object.keys(require(path(door.default.replace('.mjs', '.js'))));
  writeFileSync(path(door.default), `export { ${names.join(', ')} } from './index.js';\n`);
  writeFileSync(path(door.types), "export * from './index.js';\n");
}
for (const file of Object.values(bin)) if (existsSync(path(file))) chmodSync(path(file), 0o755);
