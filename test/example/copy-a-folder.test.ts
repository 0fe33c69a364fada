import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const needed = [
  '.gitignore',
  'biome.json',
  'package.json',
  'tsconfig.json',
  'test/vitest.config.ts',
  'src',
  'example-api',
];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mailroom-'));
  for (const path of needed) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** The commands of the section, in their order. */
function commandsIn(section: string): string {
  const readme = readFileSync(join(root, 'example-api/README.md'), 'utf8');
  const text = readme.split(/^## /m).find((each) => each.startsWith(section)) ?? '';
  return [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block).join('');
}

it('the steps of the README add a kind of record, and its tests pass', async () => {
  const commands = commandsIn('Add a kind of record');
  const { NODE_ENV: _, VITEST: __, DATABASE_URL: ___, ...env } = process.env;
  const { stdout } = await promisify(execFile)('sh', ['-e', '-c', commands], {
    cwd: copy,
    env: { ...env, NO_COLOR: '1' },
  }).catch(({ stdout, stderr }) => expect.fail(`${stdout}\n${stderr}`));

  expect([...stdout.matchAll(/✓ .*?(example-api\/\S+\.test\.ts)/g)].map(([, file]) => file)).toEqual(
    expect.arrayContaining(['example-api/calendars/routes.test.ts', 'example-api/app.test.ts']),
  );
  const read = (name: string) => readFileSync(join(copy, 'example-api', name), 'utf8');
  expect(read('calendars/permission-matrix.txt')).toMatch(
    /^PATCH \/calendars\/:id +its own +another's\n +application: Calendar\.ReadWrite\.OwnedBy +200 +403 not_owner$/m,
  );
  expect(
    readdirSync(join(copy, 'example-api/calendars'))
      .map((name) => read(`calendars/${name}`))
      .join(''),
  ).not.toMatch(/mailbox/i);
  expect(read('mailboxes/routes.ts')).toBe(readFileSync(join(root, 'example-api/mailboxes/routes.ts'), 'utf8'));
}, 240_000);
