import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const fixtures = {
  4: { name: 'express-4-commonjs', checks: [['jest/bin/jest.js']] },
  5: { name: 'express-5-typescript', checks: [['typescript/bin/tsc'], ['vitest/vitest.mjs', 'run']] },
};

/** `init` in an existing project: its patch applies, `--write` comes to the same, and then all tests of the project pass. */
export async function checkInit({ express, project, folder, run }) {
  const { name, checks } = fixtures[express];
  const init = (cwd, ...options) =>
    run(process.execPath, [join(project, 'node_modules/express-app-roles/dist/cli/main.js'), 'init', ...options], cwd);
  const check = async (cwd) => {
    for (const [tool, ...args] of checks) {
      await run(process.execPath, [join(folder, 'node_modules', tool), ...args], cwd, { NODE_ENV: undefined });
    }
  };

  const [patched, written] = await Promise.all(
    ['patched', 'written'].map(async (kind) => {
      const cwd = join(project, kind);
      cpSync(fileURLToPath(new URL(`init/${name}`, import.meta.url)), cwd, { recursive: true });
      await run('git', ['init', '--quiet'], cwd);
      await commit(cwd, run);
      return cwd;
    }),
  );
  await check(written);
  const { patch } = JSON.parse(await init(patched, '--json'));
  assert.equal(await init(patched), patch);
  await run('sh', ['-c', 'printf "%s" "$PATCH" | git apply -'], patched, { PATCH: patch });
  await init(written, '--write');
  const [changes, sameChanges] = await Promise.all([commit(patched, run), commit(written, run)]);
  assert.match(changes, /authenticate\(\{/);
  assert.equal(sameChanges, changes);
  await check(written);
}

/** What has changed since the last one. */
async function commit(cwd, run) {
  await run('git', ['add', '--all'], cwd);
  const changes = await run('git', ['diff', '--cached'], cwd);
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', '-c', 'commit.gpgsign=false'];
  await run('git', [...author, 'commit', '--quiet', '--message', 'State'], cwd);
  return changes;
}
