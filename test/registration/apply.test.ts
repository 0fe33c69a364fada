import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { definePermissions } from 'express-app-roles';
import {
  apply,
  connectGraph,
  drift,
  type GraphClient,
  manifest,
  plan,
  readFromGraph,
  readHolders,
} from 'express-app-roles/registration';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientId, type LocalGraph, startLocalGraph } from './local-graph.js';
import { permissions } from './mail-permissions.js';

let local: LocalGraph;
beforeEach(async () => {
  local = await startLocalGraph();
});
afterEach(() => local.entra.close());

const all = ['Mail.Read', 'Mail.Old', 'Old.Scope'];
const planned = async (remove: readonly string[] = [], declared: Parameters<typeof plan>[0] = permissions) =>
  plan(declared, await local.registration(), { remove });
const values = () => {
  const { appRoles, oauth2PermissionScopes } = local.application();
  return [appRoles, oauth2PermissionScopes].map((each) =>
    each.map(({ value, isEnabled }) => (isEnabled ? value : `${value} (disabled)`)),
  );
};

describe('drift', () => {
  const found = async (holders?: Parameters<typeof drift>[2]) =>
    drift(permissions, await local.registration(), holders);

  it('says what would change, and whom it would touch', async () => {
    const { changes, isDrifted } = await found(await local.holders());
    const lines = changes.map(
      ({ action, of, value, message, touches }) => `${action} ${of} ${value}: ${message} [${touches ?? ''}]`,
    );
    expect(isDrifted).toBe(true);
    expect(lines).toEqual([
      expect.stringMatching(
        /^update app role Mail\.Read: displayName "Read" becomes "Read mail \/ Read all mail"; desc/,
      ),
      'narrow app role Mail.Read: is registered for Application and User, and declared for Application [1 client (Nightly script), 2 users]',
      'create app role Mail.Send: is not registered: no client can be granted it []',
      'create app role Mail.Dispatcher: is not registered: no user can be granted it []',
      'remove app role Mail.Old: is registered, and not in the catalogue [1 client (Nightly script)]',
      'create scope Mail.Read: is not registered: no client can ask for it []',
      expect.stringMatching(
        /^update scope Settings\.ReadWrite: type "User" becomes "Admin"; .* \[Portal for every user\]$/,
      ),
      'remove scope Old.Scope: is registered, and not in the catalogue [Portal for 1 user]',
      'create optional claim idtyp: is not asked for in access tokens []',
      'create optional claim acct: is not asked for in access tokens []',
    ]);
    expect(JSON.stringify(changes)).not.toMatch(/Ada|Grace/);
  });

  it('says how to split a role that is for users and for clients', async () => {
    expect((await found()).findings).toContainEqual({
      value: 'Mail.Read',
      blocks: false,
      message: expect.stringMatching(/one app role for users and for clients.*userRole.*apply --remove Mail\.Read/),
    });
  });

  it('does not know who consented where it may not read that', async () => {
    const { changes } = await found(await readHolders(local.as('Pipeline'), clientId));
    expect(changes.find(({ value }) => value === 'Old.Scope')?.touches).toMatch(/^unknown.*Directory\.Read\.All/);
  });

  it('is none where all is as declared, whatever else there is', async () => {
    await apply(local.as('Pipeline'), await planned(all));
    const { changes, isDrifted } = await found();
    expect([changes, isDrifted]).toEqual([[], false]);
  });

  it('tells enabled from disabled', async () => {
    await apply(local.as('Pipeline'), await planned(all));
    const text = { displayName: 'Send mail', description: 'Lets the app send mail as anybody.' };
    const declared = definePermissions({ 'Mail.Send': { application: { ...text, enabled: false } } });
    const { changes } = drift(declared, await local.registration());
    expect(changes[0]).toMatchObject({ action: 'disable', message: expect.stringContaining('until it is revoked') });
    await apply(local.as('Pipeline'), await planned([], declared));
    expect(drift(permissions, await local.registration()).changes).toMatchObject([{ action: 'enable' }]);
  });
});

describe('apply', () => {
  it('creates and updates, and takes nothing away that is not named', async () => {
    const before = local.application();
    const todo = await planned();
    await apply(local.as('Pipeline'), todo);
    expect(values()).toEqual([
      ['Mail.Read', 'Mail.Old', 'Mail.Send', 'Mail.Dispatcher'],
      ['Settings.ReadWrite', 'Old.Scope', 'Mail.Read'],
    ]);
    const after = local.application();
    expect(after.appRoles[0]).toMatchObject({
      id: before.appRoles[0]?.id,
      allowedMemberTypes: ['Application', 'User'],
    });
    expect(after.optionalClaims.map(({ name }) => name)).toEqual(['email', 'idtyp', 'acct']);
    expect([after.requestedAccessTokenVersion, after.owners]).toEqual([2, before.owners]);
    expect(todo.left.map(({ action, value }) => `${action} ${value}`)).toEqual([
      'narrow Mail.Read',
      'remove Mail.Old',
      'remove Old.Scope',
    ]);
    expect(local.written()).toEqual([`PATCH /v1.0/applications/${before.objectId} 204`]);
  });

  it('removes what is named, in two requests, and its grants go with it', async () => {
    const { objectId } = local.application();
    expect(local.rolesOf('Nightly script')).toContain('Mail.Old');
    await apply(local.as('Pipeline'), await planned(all));
    expect(values()).toEqual([
      ['Mail.Read', 'Mail.Send', 'Mail.Dispatcher'],
      ['Settings.ReadWrite', 'Mail.Read'],
    ]);
    expect(local.application().appRoles[0]?.allowedMemberTypes).toEqual(['Application']);
    expect(local.rolesOf('Nightly script')).toEqual(['Mail.Read']);
    expect(local.written()).toEqual(Array(2).fill(`PATCH /v1.0/applications/${objectId} 204`));
  });

  it('makes exactly the manifest', async () => {
    await apply(local.as('Pipeline'), await planned(all));
    const existing = await local.registration();
    const made = manifest(permissions, { clientId, existing });
    expect(new Set(existing.appRoles)).toEqual(new Set(made.appRoles));
    expect(new Set(existing.api.oauth2PermissionScopes)).toEqual(new Set(made.api.oauth2PermissionScopes));
  });

  it.each([[[]], [all]])('does nothing the second time, after removing %j', async (remove) => {
    await apply(local.as('Pipeline'), await planned(remove));
    local.entra.log.clear();
    const again = await planned();
    expect([again.steps, again.changes]).toEqual([[], []]);
    await apply(local.as('Pipeline'), again);
    expect(local.written()).toEqual([]);
  });

  it('removes one half of a name that is a scope and an app role', async () => {
    await apply(local.as('Pipeline'), await planned(all));
    const text = { displayName: 'Read all', description: 'Reads all.' };
    const declared = definePermissions({ 'Mail.Read': { application: text } });
    await apply(local.as('Pipeline'), await planned([], declared));
    // What is left of the scope follows its role: Entra would have refused it otherwise.
    expect(local.application().oauth2PermissionScopes).toContainEqual(
      expect.objectContaining({ value: 'Mail.Read', adminConsentDisplayName: 'Read all' }),
    );
    const todo = await planned(['Mail.Read'], declared);
    expect(todo.steps).toHaveLength(2);
    await apply(local.as('Pipeline'), todo);
    expect(values()).toEqual([['Mail.Read', 'Mail.Send', 'Mail.Dispatcher'], ['Settings.ReadWrite']]);
  });

  it('goes on from where it was stopped', async () => {
    const pipeline = local.as('Pipeline');
    let patches = 0;
    const cut: GraphClient = {
      ...pipeline,
      async patch(path, body) {
        patches += 1;
        if (patches === 2) throw new Error('the line is dead');
        await pipeline.patch(path, body);
      },
    };
    await expect(apply(cut, await planned(all))).rejects.toThrow('the line is dead');
    expect(values()[0]).toContain('Mail.Old (disabled)');
    await apply(pipeline, await planned(all));
    expect(values()[0]).toEqual(['Mail.Read', 'Mail.Send', 'Mail.Dispatcher']);
  });

  it('writes nothing where somebody was faster', async () => {
    const todo = await planned(all);
    const { objectId, appRoles } = local.application();
    local.entra.directory.applications.update(objectId, {
      appRoles: appRoles.map((role) => ({ ...role, description: 'Changed by somebody else' })),
    });
    await expect(apply(local.as('Pipeline'), todo)).rejects.toThrow(/changed since the plan was made/);
    expect(local.written()).toEqual([]);
  });

  it('waits until Entra shows what it has accepted', async () => {
    const pipeline = local.as('Pipeline');
    const todo = await planned(all);
    const lines: string[] = [];
    const old = await pipeline.get(`/applications(appId='${clientId}')`);
    let stale = 0;
    const lagging: GraphClient = {
      ...pipeline,
      get: async (path) => (stale-- > 0 ? old : pipeline.get(path)),
      async patch(path, body) {
        await pipeline.patch(path, body);
        stale = 1;
      },
    };
    await apply(lagging, todo, { progress: (line) => lines.push(line) });
    expect(lines).toEqual([expect.stringMatching(/^Disabling/), expect.stringMatching(/^Waiting.*1 of/), 'Writing']);
    expect(values()[0]).toEqual(['Mail.Read', 'Mail.Send', 'Mail.Dispatcher']);
  });

  it.each([
    ['Stranger', 'owns another', /403 Authorization_RequestDenied.* owns the registration/],
    ['Reader', 'only reads', /403 Authorization_RequestDenied/],
  ])('is refused to %s, who %s', async (name, _why, message) => {
    await expect(apply(local.as(name), await planned())).rejects.toThrow(message);
    expect(values()[0]).toEqual(['Mail.Read', 'Mail.Old']);
  });

  it.each([
    ['is declared', 'Mail.Send'],
    ['is not there', 'Mail.Odl'],
  ])('is not planned to remove what %s', async (_what, value) => {
    await expect(planned([value])).rejects.toThrow(`${value} cannot be removed`);
  });

  it('is not planned against an id that is another', async () => {
    const text = { displayName: 'Read', description: 'Reads.', id: clientId };
    const declared = definePermissions({ 'Mail.Read': { application: text } });
    await expect(planned([], declared)).rejects.toThrow(/An id cannot be changed/);
  });
});

describe('Microsoft Graph', () => {
  it('has no such application', async () => {
    const other = '22222222-2222-4222-8222-222222222222';
    await expect(readFromGraph(local.as('Reader'), other)).rejects.toThrow(/no app registration.*az ad app create/);
    expect(await readHolders(local.as('Reader'), other)).toMatchObject({ appRoleAssignedTo: [] });
  });

  it('is read page by page', async () => {
    const every = await local.as('Reader').list('/servicePrincipals?$top=2');
    expect(every).toHaveLength(
      local.entra.directory.servicePrincipals.all().filter((each) => each.tenantId === local.entra.tenantId).length,
    );
  });

  it.each([
    'https://graph.example.com/v1.0',
    'http://graph.microsoft.com/v1.0',
    'https://graph.microsoft.com.example.com/v1.0',
    'https://me@graph.microsoft.com/v1.0',
    'http://127.0.0.1.example.com/v1.0',
    'graph',
  ])('is not %s', (baseUrl) => {
    expect(() => connectGraph({ baseUrl, getToken: async () => 'a token' })).toThrow(/is no Microsoft Graph/);
  });

  it('is sent no token where it sends one elsewhere', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((req, res) => {
      asked.push(req.url);
      if (req.url === '/v1.0/moved') {
        res.writeHead(302, { location: `${local.entra.origin}/v1.0/applications` }).end();
      } else {
        res.end(JSON.stringify({ value: [], '@odata.nextLink': `${local.entra.origin}/v1.0/applications` }));
      }
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const graph = connectGraph({ baseUrl: `http://127.0.0.1:${port}/v1.0/`, getToken: async () => 'a token' });
    await expect(graph.get('/moved')).rejects.toThrow(/cannot be reached/);
    await expect(graph.list('/paged')).rejects.toThrow(/another origin/);
    expect([asked, local.entra.log.entries]).toEqual([['/v1.0/moved', '/v1.0/paged'], []]);
    server.close();
  });
});
