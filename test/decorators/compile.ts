import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import * as library from 'express-app-roles';
import * as decorators from 'express-app-roles/decorators';
import * as permissions from './permissions.js';

export type Semantics = 'standard' | 'legacy';
export type Compile = (source: string, semantics: Semantics) => string;

const modules: Readonly<Record<string, unknown>> = {
  'express-app-roles': library,
  'express-app-roles/decorators': decorators,
  './permissions.js': permissions,
};

/** Runs CommonJS, with the library that the test has. */
export function run<T>(code: string): T {
  const module = { exports: {} };
  new Function('require', 'exports', 'module', code)((name: string) => modules[name], module.exports, module);
  return module.exports as T;
}

export const byEsbuild: Compile = (source, semantics) => {
  const tsconfigRaw = { compilerOptions: { experimentalDecorators: semantics === 'legacy' } };
  return transformSync(source, { loader: 'ts', format: 'cjs', target: 'es2022', tsconfigRaw }).code;
};

export const byTypeScript: Compile = (source, semantics) => {
  const folder = mkdtempSync(join(tmpdir(), 'decorators-'));
  const tsc = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));
  const compilerOptions = {
    target: 'es2022',
    module: 'commonjs',
    noCheck: true,
    experimentalDecorators: semantics === 'legacy',
  };
  try {
    writeFileSync(join(folder, 'source.ts'), source);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['source.ts'] }));
    execFileSync(process.execPath, [tsc, '-p', folder], { stdio: 'pipe' });
    return readFileSync(join(folder, 'source.js'), 'utf8');
  } finally {
    rmSync(folder, { recursive: true });
  }
};
