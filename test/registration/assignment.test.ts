import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { grantAppRole, grantCommands, revokeAppRole, revokeCommands } from 'express-app-roles/registration';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientId, type LocalGraph, startLocalGraph } from './local-graph.js';

let local: LocalGraph;
beforeEach(async () => {
  local = await startLocalGraph();
});
afterEach(() => local.entra.close());

const to = (name: string, value = 'Mail.Read') => ({ clientId, to: local.clientIdOf(name), value });

it('grants a role and takes it again, once each', async () => {
  const granter = local.as('Granter');
  expect(await grantAppRole(granter, to('Portal'))).toEqual({ isChanged: true });
  expect(local.rolesOf('Portal')).toEqual(['Mail.Read']);
  expect(await grantAppRole(granter, to('Portal'))).toEqual({ isChanged: false });
  expect(await revokeAppRole(granter, to('Portal'))).toEqual({ isChanged: true });
  expect(local.rolesOf('Portal')).toBeUndefined();
  expect(await revokeAppRole(granter, to('Portal'))).toEqual({ isChanged: false });
  expect(
    local
      .written()
      .map((line) => line.split(/[ /]/))
      .map(([method, , , , , path]) => `${method} ${path}`),
  ).toEqual(['POST appRoleAssignedTo', 'DELETE appRoleAssignedTo']);
});

it('leaves the other roles of a client', async () => {
  await revokeAppRole(local.as('Granter'), to('Nightly script'));
  expect(local.rolesOf('Nightly script')).toEqual(['Mail.Old']);
});

it('takes more than owning the API', async () => {
  await expect(grantAppRole(local.as('Pipeline'), to('Portal'))).rejects.toThrow(/403 Authorization_RequestDenied/);
});

it.each<[string, () => Parameters<typeof grantAppRole>[1], RegExp]>([
  [
    'a role that is not there',
    () => to('Portal', 'Mail.Raed'),
    /has no app role Mail\.Raed; it has Mail\.Read, Mail\.Old/,
  ],
  [
    'a client that is not there',
    () => ({ ...to('Portal'), to: '22222222-2222-4222-8222-222222222222' }),
    /no service principal of 2{8}-.* az ad sp create --id 2{8}/,
  ],
  ['no client id', () => ({ ...to('Portal'), to: 'Portal' }), /"Portal" is no client id/],
])('does not grant %s', async (_what, assignment, message) => {
  await expect(grantAppRole(local.as('Granter'), assignment())).rejects.toThrow(message);
});

it('does not grant a role for users to a client', async () => {
  const { objectId, appRoles } = local.application();
  local.entra.directory.applications.update(objectId, {
    appRoles: appRoles.map((role) => ({ ...role, allowedMemberTypes: ['User' as const] })),
  });
  await expect(grantAppRole(local.as('Granter'), to('Portal'))).rejects.toThrow(/Mail\.Read is an app role for users/);
});

describe('the commands', () => {
  /** `az` as far as the commands use it, against the local Entra: what they pass on is what arrives. */
  async function run(lines: readonly string[]): Promise<string> {
    const { origin, tenantId } = local.entra;
    const token = local.entra.applicationToken({ client: 'Granter', resource: 'Microsoft Graph' });
    const node = `
      const [, group, sub, ...rest] = ['', ...process.argv.slice(1)];
      const option = (name) => rest[rest.indexOf('--' + name) + 1];
      const graph = async (method, url, body) => {
        const answer = await fetch(url.replace('https://graph.microsoft.com', '${origin}'), { method, body,
          headers: { authorization: 'Bearer ' + process.env.TOKEN, 'content-type': 'application/json' } });
        if (!answer.ok) throw new Error(await answer.text());
        return answer.status === 204 ? {} : answer.json();
      };
      (async () => {
        if (group === 'rest') {
          const answer = await graph(option('method'), option('url'), rest.includes('--body') ? option('body') : undefined);
          const wanted = /resourceId=='(.*?)' && appRoleId=='(.*?)'/.exec(rest.includes('--query') ? option('query') : '');
          if (wanted) console.log(answer.value.find((each) => each.resourceId === wanted[1] && each.appRoleId === wanted[2]).id);
          return;
        }
        const found = await graph('GET', "https://graph.microsoft.com/v1.0/servicePrincipals(appId='" + option('id') + "')");
        const value = /value=='(.*)'\\]/.exec(option('query'))?.[1].replaceAll("\\\\'", "'");
        console.log(value === undefined ? found.id : found.appRoles.find((role) => role.value === value).id);
      })();`;
    const az = `az() { node -e "$AZ" -- "$1" "\${@:2}"; }`;
    const { stdout } = await promisify(execFile)('bash', ['-euc', `${az}\n${lines.join('\n')}`], {
      env: { ...process.env, AZ: node, TOKEN: token, TENANT: tenantId },
    });
    return stdout;
  }

  it.each(['Mail.Read', "it's.$HOME.`x`"])('of the Azure CLI grant %s and take it', async (value) => {
    const { objectId, appRoles } = local.application();
    local.entra.directory.applications.update(objectId, {
      appRoles: appRoles.map((role) => (role.value === 'Mail.Read' ? { ...role, value } : role)),
    });
    await run(grantCommands(to('Portal', value)).az);
    expect(local.rolesOf('Portal')).toEqual([value]);
    await run(revokeCommands(to('Portal', value)).az);
    expect(local.rolesOf('Portal')).toBeUndefined();
  });

  it('of Microsoft Graph are the requests that are made', async () => {
    await grantAppRole(local.as('Granter'), to('Portal'));
    const made = local.entra.log.entries.flatMap((entry) =>
      entry.event === 'asked' ? `${entry.method} ${entry.path}` : [],
    );
    const { graph } = grantCommands(to('Portal'));
    for (const line of graph.filter((each) => each.startsWith('GET'))) {
      expect(made).toContain(line.replace(/\?.*/, '').replace('GET ', 'GET /v1.0'));
    }
    expect(made.at(-1)).toMatch(/^POST \/v1\.0\/servicePrincipals\/[^/]+\/appRoleAssignedTo$/);
  });

  it('are not made of what is no client id', () => {
    expect(() => grantCommands({ clientId, to: '$(rm -rf .)', value: 'Mail.Read' })).toThrow(/is no client id/);
  });
});
