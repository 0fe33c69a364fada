// Builds dist: CommonJS, once, with an ESM door for each entry. One copy of the code serves both kinds of users, so that
// nothing can exist twice in a process, and CommonJS test runners can load it.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transformSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);
const path = (name) => join(root, name);

/** What no request of an API passes through. */
const tools = /^dist\/(cli|emulator|reference|registration|testing)\//;

/** The files of the reference page, in the module that reads them in the source. */
const pageFiles = {
  name: 'page-files',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]reference[\\/]page[\\/]files\.ts$/ }, ({ path: module }) => {
      const client = join(dirname(module), 'client');
      const files = readdirSync(client).map((name) => {
        const text = readFileSync(join(client, name), 'utf8');
        const loader = { '.mjs': 'js', '.css': 'css' }[extname(name)];
        return [name, loader ? transformSync(text, { loader, minify: true, target: 'es2022' }).code : text];
      });
      return { contents: `export const files = ${JSON.stringify(Object.fromEntries(files))};` };
    });
  },
};

const { exports, bin } = JSON.parse(readFileSync(path('package.json'), 'utf8'));
const doors = Object.values(exports).filter((door) => door.import !== undefined);
const commands = Object.values(bin);

rmSync(path('dist'), { recursive: true, force: true });
emitTypes();
await emitCode();
for (const { import: door } of doors) {
  const names = Object.keys(require(path(door.default.replace('.mjs', '.js'))));
  writeFileSync(path(door.default), `export { ${names.join(', ')} } from './index.js';\n`);
  writeFileSync(path(door.types), "export * from './index.js';\n");
}
for (const file of commands) chmodSync(path(file), 0o755);

/** Those that a door leads to, with their docstrings: an editor shows them. */
function emitTypes() {
  execFileSync(
    process.execPath,
    [path('node_modules/typescript/bin/tsc'), '--project', path('src'), '--declaration', '--emitDeclarationOnly'],
    { stdio: 'inherit' },
  );
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    const relatives = readFileSync(file, 'utf8').matchAll(/(?:from|import\(?)\s*['"](\.[^'"]+)\.js['"]/g);
    for (const [, relative] of relatives) visit(resolve(dirname(file), `${relative}.d.ts`));
  };
  for (const { require: door } of doors) visit(path(door.types));
  for (const name of readdirSync(path('dist'), { recursive: true })) {
    if (name.endsWith('.d.ts') && !reached.has(path(join('dist', name)))) rmSync(path(join('dist', name)));
  }
}

/**
 * What several entries need is in a chunk that they share: with a file for each of the source the package would be a third larger.
 * Only ES modules can be split, so each is turned into CommonJS afterwards. Stack traces show the names of functions and classes.
 * Where requests pass, every name is left as it was written; the tools are made smaller. To shorten a name and keep it, esbuild
 * calls `Object.defineProperty` each time a function is made: in a request that is dearer than what the function does.
 */
async function emitCode() {
  const entryPoints = [...doors.map(({ require: door }) => door.default), ...commands].map((file) =>
    path(file.replace('./dist/', 'src/').replace(/\.js$/, '.ts')),
  );
  const { outputFiles, metafile } = await build({
    entryPoints,
    absWorkingDir: root,
    outbase: path('src'),
    outdir: path('dist'),
    chunkNames: 'shared/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    target: 'node20',
    legalComments: 'none',
    metafile: true,
    write: false,
    plugins: [pageFiles],
  });
  writeFileSync(path('dist/package.json'), JSON.stringify({ type: 'commonjs' }));
  const served = filesOfRequests(metafile);
  for (const { path: file, text } of outputFiles) {
    const isServed = served.has(relative(root, file));
    const { code } = transformSync(text, {
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      minifySyntax: true,
      minifyWhitespace: true,
      minifyIdentifiers: !isServed,
      keepNames: !isServed,
      lineLimit: 120,
    });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
}

/** The entries that are no tools, and every chunk that they import. */
function filesOfRequests({ outputs }) {
  const found = new Set(Object.keys(outputs).filter((file) => outputs[file].entryPoint && !tools.test(file)));
  for (const file of found) {
    for (const { path: other, kind, external } of outputs[file].imports) {
      if (kind === 'import-statement' && !external) found.add(other);
    }
  }
  return found;
}
