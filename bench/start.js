import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/**
 * npm --prefix bench start -- [--short] [--node <path>] [--rows seen,never-seen] [--build <folder>] [--beside <folder>]
 *
 * Installs what is missing, builds the library (or takes the build it is given, and another one beside it), and runs all rows.
 */
const { values: options } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    node: { type: 'string' },
    rows: { type: 'string' },
    beside: { type: 'string' },
    build: { type: 'string' },
  },
});
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));

for (const folder of [root, here])
  if (isMissingPackages(folder)) npm(folder, 'ci', '--no-audit', '--no-fund', '--ignore-scripts');
if (options.build === undefined) npm(root, 'run', 'build');

if (options.node === undefined) {
  const { runRows } = await import('./run-rows.js');
  await runRows(options);
} else {
  const { node, ...others } = { build: `${root}dist`, ...options };
  const args = Object.entries(others).flatMap(([name, value]) =>
    typeof value === 'string' ? [`--${name}`, value] : value ? [`--${name}`] : [],
  );
  const { status } = spawnSync(node, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

function isMissingPackages(folder) {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  return Object.keys({ ...dependencies, ...devDependencies }).some(
    (name) => !existsSync(`${folder}/node_modules/${name}`),
  );
}

function npm(folder, ...args) {
  const { status } = spawnSync('npm', ['--prefix', folder, ...args], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) process.exit(status ?? 1);
}
