import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const packageSource = [
  { find: /^express-app-roles$/, replacement: source('index.ts') },
  { find: /^express-app-roles\/(.+)$/, replacement: source('$1/index.ts') },
];

/** Vite leaves standard decorators as they stand, and no release of Node runs them. Legacy ones it lowers where a tsconfig says so. */
const standardDecorators = {
  name: 'standard-decorators',
  enforce: 'pre' as const,
  transform: {
    filter: { id: { include: /\.ts$/, exclude: /\/legacy\// }, code: /^\s*@[\w.]+\(/m },
    handler: (code: string, sourcefile: string) =>
      transform(code, { loader: 'ts', target: 'es2022', sourcefile, sourcemap: true, tsconfigRaw: {} }),
  },
};

/** What does not touch Express need not run on both. */
const withoutExpress = [
  ...['bad-answers', 'connections', 'outage', 'own-fetch', 'process', 'rollover', 'unknown-key'].map(
    (name) => `test/keys/${name}.test.ts`,
  ),
  'test/types/**',
  'test/decorators/types.test.ts',
  // Nest brings an Express of its own.
  'test/decorators/legacy/**',
  'example-api/commands.test.ts',
  'test/example/**',
  'test/permissions/**',
  'test/registration/**',
  'test/token/{against-jose,any-claims,authority,credential}.test.ts',
  'test/assignments/{kysely-assignments,reach-condition,stores,test-authorization}.test.ts',
  'test/revocation/redis.test.ts',
  'test/guide/**',
  'test/exports/{examples,public-exports}.test.ts',
  // What the protocols need of Express is seen in the flows that are left.
  'test/emulator/faults/**',
  'test/emulator/flows/{cors,device-code,https,implicit,managed-identity,on-behalf-of,permission-model}.test.ts',
  // These start processes, in which Express is what is installed.
  'test/cli/**',
  'test/reference/cli.test.ts',
];

const suite = (express: 'express' | 'express4') => ({
  plugins: [standardDecorators],
  resolve: { alias: [...packageSource, { find: /^express$/, replacement: express }] },
  test: {
    name: express,
    root,
    include: ['test/**/*.test.ts', 'example-api/**/*.test.ts'],
    exclude: express === 'express' ? [] : withoutExpress,
    env: { NODE_ENV: 'test' },
    // Notices are tested where they are published; hundreds of apps that are wrong on purpose need not print theirs.
    execArgv: ['--disable-warning=ExpressAppRolesWarning'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

/** In a Chromium, which not every machine has: not a part of `npm test`. */
const browser = () => {
  const { test, ...rest } = suite('express');
  return { ...rest, test: { ...test, name: 'browser', include: ['test/**/*.browser.ts'] } };
};

/** The suite runs twice: on Express 5, and on Express 4. */
export default defineConfig({
  test: { root, projects: [suite('express'), suite('express4'), browser()] },
});
