// Packs the library, installs the tarball into an empty ESM and an empty CommonJS project, and runs a protected route in each.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..');
const work = mkdtempSync(join(tmpdir(), 'express-app-roles-'));
const run = (command, args, cwd, env = {}) =>
  execFileSync(command, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });

const maxTarballBytes = 300_000;

try {
  run('npm', ['pack', '--silent', '--pack-destination', work], root);
  const tarball = join(work, readdirSync(work).find((name) => name.endsWith('.tgz')) ?? '');
  const { size } = statSync(tarball);
  console.log(`tarball: ${size} bytes`);
  if (size > maxTarballBytes) throw new Error(`The tarball is larger than ${maxTarballBytes} bytes.`);

  for (const type of ['module', 'commonjs']) {
    const cwd = join(work, type);
    cpSync(join(here, 'project'), cwd, { recursive: true });
    writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name: 'project', private: true, type }));
    run(
      'npm',
      ['install', '--silent', '--no-audit', '--no-fund', tarball, 'express@5', '@types/express@5', '@types/node@20'],
      cwd,
    );
    run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '--project', cwd], cwd);
    run(process.execPath, ['main.js'], cwd, { NODE_ENV: 'test' });
    console.log(`${type}: installed, typed and run`);
    if (type !== 'commonjs') continue;
    run('npm', ['install', '--silent', '--no-audit', '--no-fund', 'jest@30', 'supertest@7'], cwd);
    run(process.execPath, ['node_modules/jest/bin/jest.js', '--silent'], cwd);
    console.log('commonjs: the testing kit run by Jest');
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
