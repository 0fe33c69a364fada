import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { rounds, summary } from '../measure/rounds.js';
import { startChild } from '../measure/start-child.js';

export const title = 'Start';
export const about =
  'Milliseconds of importing, where Express is loaded already, each time in a new process; and the packages that installing it brings, itself included and Express not.';

const job = new URL('../measure/start-up.js', import.meta.url);
const root = new URL('../../', import.meta.url);
const bench = new URL('../', import.meta.url);

export async function measure({ builds, sizes: { startUp } }) {
  const contestants = {
    ...Object.fromEntries(
      Object.entries(builds).map(([name, build]) => [name, [pathToFileURL(`${build}/index.mjs`).href]]),
    ),
    jose: ['jose'],
    'aws-jwt-verify': ['aws-jwt-verify'],
    'fast-jwt': ['fast-jwt'],
    'express-oauth2-jwt-bearer': ['express-oauth2-jwt-bearer'],
    'express-jwt + jwks-rsa': ['express-jwt', 'jwks-rsa'],
    'passport-azure-ad': ['passport', 'passport-azure-ad'],
  };
  const turns = Object.fromEntries(Object.entries(contestants).map(([name, modules]) => [name, () => once(modules)]));
  const results = await rounds(turns, startUp.rounds);
  return {
    unit: 'ms',
    lines: Object.entries(results).map(([name, values]) => ({
      name,
      ...summary(values.map(({ wall }) => wall)),
      more: {
        'CPU ms, median': summary(values.map(({ cpu }) => cpu)).median,
        packages: Object.hasOwn(builds, name) ? ownPackages() : packages(bench, contestants[name]),
      },
    })),
  };
}

async function once(modules) {
  const child = await startChild(job);
  try {
    return await child.call('importTime', { modules });
  } finally {
    child.stop();
  }
}

/** The library itself, and what its `dependencies` bring. */
function ownPackages() {
  const { dependencies = {} } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  return 1 + packages(root, Object.keys(dependencies));
}

/** How many packages the lockfile of a folder installs for these. */
function packages(folder, names) {
  const lock = JSON.parse(readFileSync(new URL('package-lock.json', folder), 'utf8')).packages;
  const found = new Set();
  const visit = (name, from) => {
    const path = resolvePath(lock, name, from);
    if (path === undefined || found.has(path)) return;
    found.add(path);
    const { dependencies = {}, optionalDependencies = {} } = lock[path];
    for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) visit(each, path);
  };
  for (const name of names) visit(name, '');
  return found.size;
}

/** As Node looks for a package: in the folder of who asks, then outwards. */
function resolvePath(lock, name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (lock[path] !== undefined) return path;
    if (folder === '') return undefined;
  }
}
