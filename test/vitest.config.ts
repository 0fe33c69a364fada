import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const packageSource = [
  { find: /^express-app-roles$/, replacement: source('index.ts') },
  { find: /^express-app-roles\/(.+)$/, replacement: source('$1/index.ts') },
];

const suite = (express: 'express' | 'express4') => ({
  resolve: { alias: [...packageSource, { find: /^express$/, replacement: express }] },
  test: {
    name: express,
    root,
    include: ['test/**/*.test.ts', 'example-api/**/*.test.ts'],
    env: { NODE_ENV: 'test' },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});

/** The whole suite runs twice: once on Express 5, once on Express 4. */
export default defineConfig({
  test: { root, projects: [suite('express'), suite('express4')] },
});
