import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { emulator } from '../../src/cli/emulator.js';
import { runCommandLine } from '../../src/cli/verb.js';
import { type Run, runCli } from './run-cli.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'local-entra-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const runs: Run[] = [];
const run = (...given: Parameters<typeof runCli>) => {
  const started = runCli(...given);
  runs.push(started);
  return started;
};
afterEach(async () => {
  for (const each of runs.splice(0)) {
    each.process.kill('SIGKILL');
    await each.ended;
  }
});

const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const roles = (value: string) => [{ value, allowedMemberTypes: ['Application'] }];
const directory = {
  applications: [
    { displayName: 'Mailroom', appRoles: roles('Mail.Read') },
    { displayName: 'Script', secrets: ["it's a $ecret"], appRoleAssignments: { Mailroom: ['Mail.Read'] } },
  ],
};

/** Runs in this process what is wrong from the start. */
async function mistake(words: readonly string[]) {
  const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await runCommandLine(words, [emulator]);
    const stderr = written.mock.calls.map(([text]) => String(text)).join('');
    expect(stderr.trimEnd()).not.toContain('\n');
    return { code, stderr };
  } finally {
    written.mockRestore();
  }
}

const shell = (command: string) => execFileSync('bash', ['-c', command], { encoding: 'utf8' });

describe('npx express-app-roles emulator', () => {
  it('prints what somebody needs, and lines that work as they stand', async () => {
    const {
      shows,
      process: child,
      ended,
      output,
    } = run(['emulator', file('directory.json', directory), '--port', '0']);
    const text = await shows('Ctrl-C');
    const origin = /listens at (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
    expect(text).toContain(`testAuthority: '${origin}'`);
    expect(text).toContain('Tenant 7e570000-0000-4000-8000-000000000001 (entra.test)');
    expect(text).toMatch(/Mailroom +[0-9a-f-]{36} +role Mail\.Read/);
    const curl = /^ *(curl .*)$/m.exec(text)?.[1] ?? '';
    const { access_token: token } = JSON.parse(shell(curl));
    expect(decodeJwt(token).roles).toEqual(['Mail.Read']);
    expect(await shows(/issued to .* application, role Mail\.Read/)).not.toContain(token);
    expect((await fetch(`${origin}/v1.0/applications`)).status).toBe(401);
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect([await ended, output().stderr]).toEqual([0, '']);
  });

  it('listens over https, with a certificate that curl takes', async () => {
    const { shows, process: child, ended } = run(['emulator', '--port', '0', '--https', '--json']);
    const { origin, tenantId, certificateFile } = JSON.parse((await shows('\n')).split('\n')[0] ?? '');
    const path = `${tenantId}/v2.0/.well-known/openid-configuration`;
    expect(JSON.parse(shell(`curl -s --cacert ${certificateFile} ${origin}/${path}`))).toMatchObject({
      issuer: `${origin}/${tenantId}/v2.0`,
    });
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(() => shell(`test -e ${certificateFile}`)).toThrow();
  });

  it('prints JSON without secrets, a line for the start and one for each request', async () => {
    const { shows, output } = run(['emulator', file('json.json', directory), '--port', '0', '--json']);
    const started = JSON.parse((await shows('\n')).split('\n')[0] ?? '');
    expect(started).toMatchObject({
      event: 'started',
      tenantId: '7e570000-0000-4000-8000-000000000001',
      applications: [{ displayName: 'Mailroom', appRoles: ['Mail.Read'] }, { displayName: 'Script' }],
    });
    await fetch(`${started.origin}/common/discovery/keys`);
    await shows('"asked"');
    const lines = output()
      .stdout.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ event: 'asked', path: '/common/discovery/keys', status: 200 });
    expect(output().stdout).not.toContain('ecret"');
  });

  it('makes and ends faults on typed commands', async () => {
    const { shows, type } = run(['emulator', '--port', '0']);
    const origin = /listens at (\S+)/.exec(await shows('Ctrl-C'))?.[1];
    const keys = async () => {
      const answer = await fetch(`${origin}/common/discovery/keys`);
      return answer.ok ? ((await answer.json()) as { keys: object[] }).keys.length : answer.status;
    };
    expect(await keys()).toBe(1);
    type('outage 500 1h');
    await shows('Answering 500, for 3600 s.');
    expect(await keys()).toBe(500);
    type('end');
    type('rollover');
    await shows('the key sets show 2');
    expect(await keys()).toBe(2);
    type('rollover now');
    await shows('the key sets show 1');
    type('nonsense');
    await shows('There is no command "nonsense". The commands are rollover, withdraw, outage');
    expect(await keys()).toBe(1);
  });

  it('starts with the directory of its own help', async () => {
    const help = run(['emulator', '--help']);
    expect(await help.ended).toBe(0);
    const { stdout } = help.output();
    const json = /^ {2}\{\n[\s\S]*?^ {2}\}$/m.exec(stdout)?.[0] ?? '';
    const { shows } = run(['emulator', file('help.json', json), '--port', '0', '--json']);
    await shows('"started"');
    expect(stdout).toContain('npx express-app-roles emulator directory.json --port 8990');
  });

  it.each([
    ['a module', 'directory.mjs', `export default ${JSON.stringify(directory)};`],
    ['a CommonJS module', 'directory.cjs', `module.exports = { directory: ${JSON.stringify(directory)} };`],
    [
      'TypeScript, where node reads it',
      'directory.ts',
      `const directory: object = ${JSON.stringify(directory)};\nexport default directory;`,
    ],
  ])('reads %s', async (_what, name, content) => {
    const { shows } = run(['emulator', file(name, content), '--port', '0', '--json']);
    expect(await shows('\n')).toContain('Mailroom');
  });

  it('goes on when standard input ends', async () => {
    const { shows, process: child } = run(['emulator', '--port', '0']);
    const origin = /listens at (\S+)/.exec(await shows('Ctrl-C'))?.[1];
    child.stdin?.end();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect((await fetch(`${origin}/common/discovery/keys`)).status).toBe(200);
  });
});

describe('what is typed wrong is one line, and exit 2', () => {
  it.each<[string, () => string[], RegExp]>([
    ['another verb', () => ['emulate'], /there is no verb "emulate"; there is emulator\./],
    [
      'another option',
      () => ['emulator', '--prot', '1'],
      /Unknown option '--prot'\. See: express-app-roles emulator --help/,
    ],
    ['no port', () => ['emulator', '--port'], /'--port <value>' argument missing/],
    ['a port that is none', () => ['emulator', '--port', 'x'], /--port x: must be a number from 0 to 65535/],
    ['a port of https alone', () => ['emulator', '--https-port', '1'], /--https-port goes with --https: add it/],
    ['a page for an origin', () => ['emulator', '--cors', 'http://a/b'], /--cors http:\/\/a\/b: must be an origin/],
    ['two directories', () => ['emulator', 'a.json', 'b.json'], /"b\.json" is one too many/],
    ['no file', () => ['emulator', join(folder, 'none.json')], /none\.json: there is no such file/],
    [
      'another kind of file',
      () => ['emulator', 'directory.yaml'],
      /directory\.yaml: give a \.json file, or a \.ts or \.js module/,
    ],
    ['broken JSON', () => ['emulator', file('broken.json', '{ "applications": [,] }')], /broken\.json: is not JSON: /],
    [
      'a module without a description',
      () => ['emulator', file('empty.mjs', 'export const a = 1;')],
      /empty\.mjs: export the description as default/,
    ],
    [
      'a module that throws',
      () => ['emulator', file('throws.mjs', 'throw new Error("no");')],
      /throws\.mjs: it does not load: no/,
    ],
    [
      'a mistake in the directory',
      () => ['emulator', file('wrong.json', { applications: [{ displayName: 'A', appRoles: roles('a b') }] })],
      /wrong\.json: applications\[0\]\.appRoles\[0\]\.value: must be 1 to 120/,
    ],
  ])('%s', async (_what, words, message) => {
    const { code, stderr } = await mistake(words());
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  it('says which port is in use, and the option for another', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await mistake(['emulator', '--port', String(port)])).toEqual({
      code: 1,
      stderr: `express-app-roles emulator: port ${port} is in use; take another: --port ${port + 1}\n`,
    });
    server.close();
  });

  it('does not start in production', async () => {
    const { ended, output } = run(['emulator', '--port', '0'], { env: { NODE_ENV: 'production' } });
    expect(await ended).toBe(1);
    expect(output().stderr).toMatch(/^express-app-roles emulator: .*NODE_ENV is 'production'\.\n$/);
  });

  it('lists the verbs where none is given', async () => {
    const { ended, output } = run([]);
    expect(await ended).toBe(0);
    expect(output().stdout).toMatch(/^Usage: express-app-roles <verb>\n\n[\s\S]*\n {2}emulator +A local Entra/);
  });
});
