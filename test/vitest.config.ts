import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const packageSource = [
  { find: /^express-app-roles$/, replacement: source('index.ts') },
  { find: /^express-app-roles\/(.+)$/, replacement: source('$1/index.ts') },
];

/** What does not touch Express need not run on both. */
const withoutExpress = [
  ...['bad-answers', 'connections', 'outage', 'own-fetch', 'process', 'rollover', 'unknown-key'].map(
    (name) => `test/keys/${name}.test.ts`,
  ),
  'test/types/**',
  'example-api/commands.test.ts',
];

const suite = (express: 'express' | 'express4') => ({
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

/** The suite runs twice: on Express 5, and on Express 4. */
export default defineConfig({
  test: { root, projects: [suite('express'), suite('express4')] },
});
