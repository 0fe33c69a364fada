import { readFileSync } from 'node:fs';

const root = new URL('../../', import.meta.url);
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json');

/** One page for each subpath of the package, from its docstrings. */
export default {
  name: 'express-app-roles',
  entryPoints: subpaths.map((subpath) => `../../src/${subpath.slice(2)}/index.ts`.replace('//', '/')),
  tsconfig: '../../src/tsconfig.json',
  plugin: ['typedoc-plugin-missing-exports'],
  internalModule: 'Referred to',
  excludeExternals: true,
  out: 'html',
  readme: 'none',
  includeVersion: true,
  disableSources: true,
  treatWarningsAsErrors: true,
};
