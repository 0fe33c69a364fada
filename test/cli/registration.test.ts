import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { apply } from '../../src/cli/apply.js';
import { drift } from '../../src/cli/drift.js';
import { grant } from '../../src/cli/grant.js';
import { manifest } from '../../src/cli/manifest.js';
import { revoke } from '../../src/cli/revoke.js';
import { runCommandLine } from '../../src/cli/verb.js';
import { clientId, type LocalGraph, startLocalGraph } from '../registration/local-graph.js';
import { runCli } from './run-cli.js';

const permissions = fileURLToPath(new URL('../registration/mail-permissions.ts', import.meta.url));
const page = readFileSync(new URL('../../docs/registration.md', import.meta.url), 'utf8');
let folder: string;
let local: LocalGraph;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'registration-test-'));
});
beforeEach(async () => {
  local = await startLocalGraph();
});
afterEach(() => local.entra.close());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const signIn = (name: string) => [
  ...['--graph', `${local.entra.origin}/v1.0`, '--tenant', local.entra.tenantId],
  ...['--sign-in-as', local.clientIdOf(name), '--secret-variable', 'SECRET'],
];

/** Runs a verb to its end. */
async function run(words: readonly string[], { as = 'Pipeline', input = '' } = {}) {
  const secret = `secret of ${as}`;
  const { ended, output, process: child } = runCli(words, { env: { SECRET: secret, NO_COLOR: '1' } });
  child.stdin?.end(input);
  const code = await ended;
  const { stdout, stderr } = output();
  expect(stdout + stderr).not.toContain(secret);
  expect(stdout + stderr).not.toMatch(/eyJ[\w-]+\.eyJ/);
  return { code, stdout, stderr };
}

const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const exported = () => local.as('Reader').get(`/applications(appId='${clientId}')`);
const of = ['--client-id', clientId];

describe('npx express-app-roles manifest', () => {
  it('prints what Microsoft Graph takes, and what is to be known to standard error', async () => {
    const { code, stdout, stderr } = await run(['manifest', permissions, ...of]);
    const made = JSON.parse(stdout);
    expect([code, Object.keys(made)]).toEqual([0, ['appRoles', 'api', 'optionalClaims']]);
    expect(stderr).toMatch(/Mail\.Read is a scope and an app role/);
    const created = local.entra.directory.applications.create({ displayName: 'New', tenantId: local.entra.tenantId });
    local.entra.directory.applications.addOwner(
      created.objectId,
      local.entra.directory.servicePrincipals.named('Pipeline', local.entra.tenantId).objectId,
    );
    await local.as('Pipeline').patch(`/applications/${created.objectId}`, made);
    expect(local.entra.directory.applications.named('New').appRoles.map(({ value }) => value)).toEqual([
      'Mail.Read',
      'Mail.Send',
      'Mail.Dispatcher',
    ]);
  });

  it('takes ids over from what az ad app show prints', async () => {
    const { code, stdout } = await run(['manifest', permissions, '--existing', '-', '--json'], {
      input: JSON.stringify(await exported()),
    });
    const { manifest: made, findings } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(made.appRoles[0].id).toBe(local.application().appRoles[0]?.id);
    expect(findings).toHaveLength(1);
  });
});

describe('npx express-app-roles drift', () => {
  it('is 1 where something is other than declared, and says whom it touches', async () => {
    const { code, stdout } = await run(['drift', permissions, ...of, ...signIn('Reader')], { as: 'Reader' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Mail API \(1{8}-.*\): not as declared\n/);
    expect(stdout).toContain(
      '  - remove app role Mail.Old: is registered, and not in the catalogue\n      touches 1 client (Nightly script)\n',
    );
    expect(stdout).not.toMatch(/Ada|Grace/);
  });

  it('is 0 where all is as declared, and reads files', async () => {
    const made = JSON.parse((await run(['manifest', permissions, ...of])).stdout);
    const registration = file('registration.json', { appId: clientId, ...made });
    const { code, stdout } = await run(['drift', permissions, '--registration', registration, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ application: { clientId }, changes: [], isDrifted: false });
  });

  it('writes nothing', async () => {
    local.entra.log.clear();
    await run(['drift', permissions, ...of, ...signIn('Reader')], { as: 'Reader' });
    expect(local.written().filter((line) => !line.includes('/oauth2/v2.0/token'))).toEqual([]);
  });
});

describe('npx express-app-roles apply', () => {
  const all = ['--remove', 'Mail.Read', '--remove', 'Mail.Old', '--remove', 'Old.Scope'];
  const values = () => local.application().appRoles.map(({ value }) => value);

  it('shows tenant, application and who is signed in, and writes only when told to', async () => {
    const words = ['apply', permissions, ...of, ...signIn('Pipeline')];
    const { code, stdout } = await run(words);
    expect(code).toBe(1);
    expect(stdout).toContain(
      `Tenant       ${local.entra.tenantId}\nApplication  Mail API (${clientId})\nSigned in    client `,
    );
    expect(stdout).toMatch(/Left as it is, for want of --remove:\n {2}- narrow app role Mail\.Read/);
    expect(stdout).toMatch(/Nothing was written: --yes does it\.\n$/);
    expect(values()).toEqual(['Mail.Read', 'Mail.Old']);
  });

  it('does what --yes and --remove say, and nothing the second time', async () => {
    const words = ['apply', permissions, ...of, ...signIn('Pipeline'), '--yes'];
    expect(await run([...words, ...all])).toMatchObject({ code: 0, stdout: expect.stringMatching(/Done\.\n$/) });
    expect(values()).toEqual(['Mail.Read', 'Mail.Send', 'Mail.Dispatcher']);
    expect(await run(words)).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to do.') });
    const { code } = await run(['drift', permissions, ...of, ...signIn('Pipeline')]);
    expect(code).toBe(0);
  });

  it('prints JSON', async () => {
    const { code, stdout } = await run(['apply', permissions, ...of, ...signIn('Pipeline'), '--yes', '--json']);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { tenantId: local.entra.tenantId, signedIn: { kind: 'client' }, application: { clientId }, isApplied: true },
    ]);
  });

  it('says in one line what Entra refuses', async () => {
    const { code, stderr } = await run(['apply', permissions, ...of, ...signIn('Stranger'), '--yes'], {
      as: 'Stranger',
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/Microsoft Graph refused PATCH .*: 403 Authorization_RequestDenied: /);
  });
});

it('asks @azure/identity who is signed in, which may be nobody', async () => {
  const { ended, output } = runCli(['drift', permissions, ...of], {
    env: { AZURE_TOKEN_CREDENTIALS: 'AzureCliCredential', PATH: folder },
  });
  expect([await ended, output().stderr]).toEqual([
    1,
    expect.stringMatching(/^express-app-roles drift: nobody is signed in to Azure: az login, .*\n$/),
  ]);
});

describe('npx express-app-roles grant and revoke', () => {
  it('print how to, and do it when told to', async () => {
    const portal = local.clientIdOf('Portal');
    const granting = ['grant', 'Mail.Old', ...of, '--to', portal];
    const printed = await run(granting);
    expect(printed).toMatchObject({ code: 0, stdout: expect.stringMatching(/^# Azure CLI\nAPI=\$\(az ad sp show/) });
    expect(local.rolesOf('Portal')).toBeUndefined();
    const execute = [...signIn('Granter'), '--execute'];
    expect(await run([...granting, ...execute], { as: 'Granter' })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Tenant .*, signed in as client .*\n[0-9a-f-]{36} was granted Mail\.Old\.\n$/),
    });
    expect(local.rolesOf('Portal')).toEqual(['Mail.Old']);
    const revoking = ['revoke', 'Mail.Old', ...of, '--from', portal, ...execute, '--json'];
    expect(JSON.parse((await run(revoking, { as: 'Granter' })).stdout)).toMatchObject({ isChanged: true });
    expect(local.rolesOf('Portal')).toBeUndefined();
  });
});

describe('what is typed wrong is one line, and exit 2', () => {
  const verbs = [manifest, drift, apply, grant, revoke];
  const graph = ['--graph', 'http://127.0.0.1:1/v1.0'];
  const other = '22222222-2222-4222-8222-222222222222';

  it.each<[string, () => string[], RegExp]>([
    ['no module', () => ['manifest'], /name the module that exports what definePermissions returned/],
    [
      'a module without permissions',
      () => ['drift', file('empty.mjs', ''), ...of],
      /empty\.mjs: export what definePerm/,
    ],
    ['no client id', () => ['manifest', permissions], /--client-id is missing/],
    [
      'a client id that is none',
      () => ['apply', permissions, '--client-id', 'mail'],
      /--client-id mail: must be a GUID/,
    ],
    [
      'no file',
      () => ['manifest', permissions, '--existing', join(folder, 'none.json')],
      /none\.json: it cannot be read/,
    ],
    ['no JSON', () => ['drift', permissions, '--registration', file('no.json', '<html>')], /no\.json: is not JSON/],
    [
      'no registration',
      () => ['drift', permissions, '--registration', file('list.json', [])],
      /list\.json: The registration must be a JSON object/,
    ],
    [
      'the registration of another',
      () => ['drift', permissions, '--registration', file('one.json', { appId: clientId }), '--client-id', other],
      /--client-id 2{8}-.*: the registration in the file is of 1{8}-/,
    ],
    ['another Graph', () => ['drift', permissions, ...of, '--graph', 'https://example.com'], /is no Microsoft Graph/],
    ['no tenant', () => ['drift', permissions, ...of, ...graph], /--tenant is missing/],
    ['nobody', () => ['drift', permissions, ...of, ...graph, '--tenant', other], /--sign-in-as is missing/],
    [
      'no secret',
      () => ['drift', permissions, ...of, ...graph, '--tenant', other, '--sign-in-as', other],
      /--secret-variable is missing/,
    ],
    [
      'a secret for Microsoft Graph',
      () => ['drift', permissions, ...of, '--secret-variable', 'PATH'],
      /are for a local Entra/,
    ],
    [
      'a secret that is not there',
      () => ['drift', permissions, ...of, ...signIn('Reader'), '--secret-variable', 'NO_SUCH_SECRET'],
      /--secret-variable NO_SUCH_SECRET: there is no such environment variable/,
    ],
    ['no role', () => ['grant', ...of, '--to', other], /name the app role, like Mail\.Send/],
    ['no client', () => ['revoke', 'Mail.Send', ...of], /--from is missing/],
  ])('%s', async (_what, words, message) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const code = await runCommandLine(words(), verbs);
    const stderr = written.mock.calls.map(([text]) => String(text)).join('');
    written.mockRestore();
    expect(stderr).toMatch(message);
    expect([code, stderr.trimEnd().includes('\n')]).toEqual([2, false]);
  });

  it('what cannot be removed', async () => {
    const words = ['apply', permissions, ...of, ...signIn('Pipeline'), '--remove', 'Mail.Odl'];
    expect(await run(words)).toMatchObject({ code: 2, stderr: expect.stringMatching(/: Mail\.Odl cannot be removed/) });
  });

  it('is not the secret that is wrong: that is exit 1', async () => {
    const { code, stderr } = await run(['drift', permissions, ...of, ...signIn('Reader')], { as: 'Pipeline' });
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^express-app-roles drift: the local Entra gave no token: AADSTS7000215/),
    ]);
  });
});

it.each([manifest, drift, apply, grant, revoke])('the examples of $name are read as they stand', async (verb) => {
  const nowhere = 'graph' in verb.options ? ['--graph', 'https://example.com'] : [];
  for (const { command } of verb.examples) {
    const words = command.replaceAll('<client id>', clientId).replace('src/permissions.ts', permissions).split(' ');
    const { stderr } = await run([...words.slice(words.indexOf('express-app-roles') + 1), ...nowhere], {
      input: JSON.stringify(await exported()),
    });
    expect(stderr).not.toMatch(/Unknown option|too many|is missing/);
    expect(words).toContain(verb.name);
  }
});

describe('docs/registration.md', () => {
  it('has commands that run', async () => {
    const commands = [...page.matchAll(/^npx express-app-roles (.*?)(?: +#.*)?$/gm)].map(([, command = '']) => command);
    expect(commands).toHaveLength(8);
    for (const command of commands) {
      const words = command
        .replaceAll('src/permissions.ts', permissions)
        .replaceAll('$API', clientId)
        .replaceAll('$CLIENT', local.clientIdOf('Portal'))
        .replaceAll('registration.json', file('registration.json', await exported()))
        .split(' ');
      const as = /^(grant|revoke)/.test(command) ? 'Granter' : 'Pipeline';
      const isOffline = /^manifest|--registration/.test(command);
      const { code } = await run([...words, ...(isOffline ? [] : signIn(as))], { as });
      expect([command, code]).toEqual([command, command.startsWith('drift') ? 1 : 0]);
    }
    expect(local.written().filter((line) => /PATCH|appRoleAssignedTo/.test(line))).toHaveLength(5);
    expect(local.application().appRoles.map(({ value }) => value)).toEqual([
      'Mail.Read',
      'Mail.Send',
      'Mail.Dispatcher',
    ]);
  });
});
