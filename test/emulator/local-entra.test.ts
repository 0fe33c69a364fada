import express from 'express';
import { allow, authenticate, callerOf, definePermissions, problemDetails } from 'express-app-roles';
import {
  createLocalEntra,
  type DirectoryDescription,
  DirectoryError,
  type LocalEntra,
} from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';

const text = { displayName: 'Read', description: 'Reads.' };
const permissions = definePermissions({
  'Mail.Read': { application: text, delegated: { ...text, consent: 'admin' } },
  'Mail.Send': { application: text },
  Dispatcher: { userRole: text },
});
const personalTenant = '9188040d-6c67-4c5b-b112-36a304b66dad';
const fabrikam = '7e570000-0000-4000-8000-00000000fab0';

const description: DirectoryDescription = {
  tenants: [{ displayName: 'Contoso' }, { tenantId: fabrikam, displayName: 'Fabrikam' }],
  applications: [
    {
      displayName: 'API',
      permissions,
      requestedAccessTokenVersion: 2,
      signInAudience: 'AzureADandPersonalMicrosoftAccount',
      optionalClaims: ['acct', { name: 'idtyp', additionalProperties: ['include_user_token'] }],
      owners: ['Ada'],
    },
    { displayName: 'Old API', permissions, optionalClaims: [{ name: 'aud', additionalProperties: ['use_guid'] }] },
    { displayName: 'Script', secrets: ['s'], appRoleAssignments: { API: ['Mail.Read'] } },
    { displayName: 'Portal', signInAudience: 'AzureADandPersonalMicrosoftAccount' },
  ],
  servicePrincipals: [
    {
      application: 'API',
      tenant: 'fabrikam.test',
      appRoles: [{ value: 'Mail.Send', allowedMemberTypes: ['User'] }],
      appRoleAssignmentRequired: true,
    },
    { application: 'Portal', tenant: fabrikam },
  ],
  managedIdentities: [{ displayName: 'Job', appRoleAssignments: { API: ['Mail.Send'] } }],
  users: [
    { name: 'Ada', appRoleAssignments: { API: ['Dispatcher'] } },
    { name: 'Gina', homeTenant: 'fabrikam.test' },
    { name: 'Gus', homeTenant: 'consumers' },
    { name: 'Paul', tenant: 'consumers' },
    { name: 'Fay', tenant: fabrikam, appRoleAssignments: { API: ['Mail.Send'] } },
    { name: 'Fred', tenant: fabrikam },
  ],
};

let entra: LocalEntra;
beforeEach(() => {
  entra = createLocalEntra({ directory: description });
});

const asUser = (user: string, resource = 'API') =>
  decodeJwt(entra.userToken({ user, client: 'Portal', resource, scopes: ['Mail.Read'] }));
const asScript = () => decodeJwt(entra.applicationToken({ client: 'Script', resource: 'API' }));

describe('without a network', () => {
  it('is the testAuthority of an API', async () => {
    const { clientId } = entra.directory.applications.named('API');
    const app = express();
    app.use(authenticate({ tenant: entra.tenantId, clientId, permissions, testAuthority: entra }));
    app.get('/', allow(permissions.application('Mail.Read')), (req, res) => {
      res.json({ kind: callerOf(req).kind });
    });
    app.use(problemDetails());
    const bearer = (token: string) => request(app).get('/').set('Authorization', `Bearer ${token}`);
    await bearer(entra.applicationToken({ client: 'Script', resource: 'API' })).expect(200, { kind: 'application' });
    await bearer(entra.applicationToken({ client: 'Job', resource: 'API' })).expect(403);
    await bearer(entra.userToken({ user: 'Ada', client: 'Portal', resource: 'API', scopes: ['Mail.Read'] })).expect(
      403,
    );
    await bearer(
      createLocalEntra({ directory: description }).applicationToken({ client: 'Script', resource: 'API' }),
    ).expect(401);
  });

  it('answers as the server does', async () => {
    const at = async (path: string) => (await entra.fetch(`${entra.origin}/${path}`)).status;
    expect(await at(`${entra.tenantId}/v2.0/.well-known/openid-configuration`)).toBe(200);
    expect(await at('fabrikam.test/discovery/keys')).toBe(200);
    expect(await at('nowhere/discovery/keys')).toBe(400);
    expect(await at('elsewhere')).toBe(404);
    expect((await entra.fetch(`http://other.localhost/${entra.tenantId}/discovery/keys`)).status).toBe(404);
  });
});

describe('claims', () => {
  it('of a member: scp and the assigned user roles, idtyp and acct as asked for', () => {
    expect(asUser('Ada')).toMatchObject({ scp: 'Mail.Read', roles: ['Dispatcher'], idtyp: 'user', acct: 0 });
    expect(asUser('Ada')).not.toHaveProperty('idp');
  });

  it('of an application: roles, never scp', () => {
    expect(asScript()).toMatchObject({ roles: ['Mail.Read'], idtyp: 'app', azpacr: '1' });
    expect(asScript()).not.toHaveProperty('scp');
    expect(asScript()).not.toHaveProperty('acct');
  });

  it('of an application: none in the tenant of personal accounts', () => {
    const request = { client: 'Portal', resource: 'API', tenant: 'consumers' };
    expect(() => entra.applicationToken(request)).toThrow(/was not found in the directory/);
  });

  it('of a guest: the tenant that invited, and who signed the guest in', () => {
    expect(asUser('Gina')).toMatchObject({
      tid: entra.tenantId,
      acct: 1,
      idp: `${entra.origin}/${fabrikam}/`,
      preferred_username: 'gina@fabrikam.test',
      email: 'gina@fabrikam.test',
    });
    expect(asUser('Gus')).toMatchObject({ tid: entra.tenantId, acct: 1, idp: 'live.com' });
  });

  it('of a personal account: the tenant of all of them', () => {
    expect(asUser('Paul')).toMatchObject({ tid: personalTenant, iss: `${entra.origin}/${personalTenant}/v2.0` });
    expect(asUser('Paul')).not.toHaveProperty('roles');
    expect(() => asUser('Paul', 'Old API')).toThrow(/^resource: no service principal is called "Old API"/);
  });

  it('of a managed identity: its Azure resource, a certificate, a day', () => {
    const claims = decodeJwt(entra.applicationToken({ client: 'Job', resource: 'API' }));
    expect(claims).toMatchObject({
      azpacr: '2',
      roles: ['Mail.Send'],
      xms_mirid: expect.stringMatching(/^\/subscriptions\//),
    });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(86_699);
  });

  it('of another tenant: its own object ids and its own user roles, even of the name of an application permission', () => {
    const claims = asUser('Fay');
    expect(claims).toMatchObject({ tid: fabrikam, roles: ['Mail.Send'] });
    expect(() => asUser('Fred')).toThrow(/to block users unless they are specifically granted/);
  });

  it('of v1.0: the client id as audience where the API asks for it', () => {
    const { clientId } = entra.directory.applications.named('Old API');
    expect(asUser('Ada', 'Old API')).toMatchObject({ ver: '1.0', aud: clientId });
    expect(asUser('Ada', 'Old API')).not.toHaveProperty('idtyp');
  });

  it('follow the clock', () => {
    entra.clock.setAhead(-7200);
    expect(Number(asScript().exp)).toBeLessThan(Date.now() / 1000);
  });
});

describe('the directory', () => {
  const code = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      return error instanceof DirectoryError ? [error.status, error.code] : error;
    }
    return 'no error';
  };

  it('changes the next token when a role is granted or taken', () => {
    const assignment = { principal: 'Script', resource: 'API', appRole: 'Mail.Send' };
    entra.assignAppRole(assignment);
    expect(asScript().roles).toEqual(['Mail.Read', 'Mail.Send']);
    entra.unassignAppRole(assignment);
    expect(asScript().roles).toEqual(['Mail.Read']);
    expect(code(() => entra.unassignAppRole(assignment))).toEqual([404, 'Request_ResourceNotFound']);
  });

  it('keeps a role in tokens when it is disabled, and takes it when it is removed, which needs both steps', () => {
    const { applications } = entra.directory;
    const { objectId, appRoles } = applications.named('API');
    const others = appRoles.filter(({ value }) => value !== 'Mail.Read');
    expect(code(() => applications.update(objectId, { appRoles: others }))).toEqual([
      400,
      'CannotDeleteOrUpdateEnabledEntitlement',
    ]);
    applications.update(objectId, { appRoles: appRoles.map((role) => ({ ...role, isEnabled: false })) });
    expect(asScript().roles).toEqual(['Mail.Read']);
    expect(code(() => entra.assignAppRole({ principal: 'Script', resource: 'API', appRole: 'Mail.Send' }))).toEqual([
      400,
      'Request_BadRequest',
    ]);
    applications.update(objectId, { appRoles: others });
    expect(asScript()).not.toHaveProperty('roles');
  });

  it('has a disabled role assigned where the description says so', () => {
    const disabled = {
      applications: [
        {
          displayName: 'API',
          appRoles: [{ value: 'R', allowedMemberTypes: ['Application' as const], isEnabled: false }],
        },
        { displayName: 'Script', appRoleAssignments: { API: ['R'] } },
      ],
    };
    const { applicationToken } = createLocalEntra({ directory: disabled });
    expect(decodeJwt(applicationToken({ client: 'Script', resource: 'API' })).roles).toEqual(['R']);
  });

  it('adds consent to consent, for one user and for everyone', () => {
    const { servicePrincipals, oauth2PermissionGrants, users } = entra.directory;
    const scopesOf = (user: string) =>
      oauth2PermissionGrants.scopesOf(
        servicePrincipals.named('Portal', entra.tenantId),
        servicePrincipals.named('API', entra.tenantId),
        users.named(user).objectId,
      );
    const grant = { client: 'Portal', resource: 'API', scopes: ['Mail.Read'] };
    expect(scopesOf('Ada')).toEqual([]);
    entra.grantScopes({ ...grant, user: 'Ada' });
    expect([scopesOf('Ada'), scopesOf('Gina')]).toEqual([['Mail.Read'], []]);
    entra.grantScopes(grant);
    entra.revokeScopes({ ...grant, user: 'Ada' });
    expect([scopesOf('Ada'), scopesOf('Gina')]).toEqual([['Mail.Read'], ['Mail.Read']]);
    entra.revokeScopes(grant);
    expect(scopesOf('Gina')).toEqual([]);
    expect(oauth2PermissionGrants.all()).toEqual([]);
  });

  it('keeps registrations apart from service principals, and forgets what is deleted', () => {
    const { applications, servicePrincipals, appRoleAssignments, users } = entra.directory;
    const before = appRoleAssignments.all().length;
    const created = applications.create({ displayName: 'New', tenantId: entra.tenantId });
    expect(servicePrincipals.ofClient(created.clientId, entra.tenantId)).toBeUndefined();
    const { objectId } = servicePrincipals.create({ clientId: created.clientId, tenantId: entra.tenantId });
    expect(code(() => servicePrincipals.create({ clientId: created.clientId, tenantId: entra.tenantId }))).toEqual([
      409,
      'Request_MultipleObjectsWithSameKeyValue',
    ]);
    expect(code(() => servicePrincipals.create({ clientId: created.clientId, tenantId: fabrikam }))).toEqual([
      400,
      'Request_BadRequest',
    ]);
    entra.assignAppRole({ principal: 'New', resource: 'API', appRole: 'Mail.Send' });
    servicePrincipals.addOwner(objectId, users.named('Ada').objectId);
    expect(applications.find(created.objectId)?.owners).toEqual([]);
    applications.delete(created.objectId);
    expect(servicePrincipals.find(objectId)).toBeUndefined();
    expect(appRoleAssignments.all()).toHaveLength(before);
  });

  it('knows owners by object id', () => {
    const { applications, users, servicePrincipals } = entra.directory;
    const { objectId } = applications.named('API');
    const ada = users.named('Ada').objectId;
    const script = servicePrincipals.named('Script', entra.tenantId).objectId;
    expect(applications.named('API').owners).toEqual([ada]);
    expect(code(() => applications.addOwner(objectId, ada))).toEqual([400, 'Request_BadRequest']);
    expect(code(() => applications.addOwner(objectId, users.named('Fay').objectId))).toEqual([
      404,
      'Request_ResourceNotFound',
    ]);
    applications.addOwner(objectId, script);
    applications.removeOwner(objectId, ada);
    expect(applications.named('API').owners).toEqual([script]);
    servicePrincipals.delete(script);
    expect(applications.named('API').owners).toEqual([]);
  });

  it('adds and removes credentials', () => {
    const { applications } = entra.directory;
    const { objectId } = applications.named('Portal');
    const { keyId, secretText } = applications.addPassword(objectId, { displayName: 'ci' });
    expect(secretText.length).toBeGreaterThan(30);
    expect(asUser('Ada').azpacr).toBe('1');
    applications.removePassword(objectId, keyId);
    expect(code(() => applications.removePassword(objectId, keyId))).toEqual([404, 'Request_ResourceNotFound']);
    const federated = { name: 'ci', issuer: 'https://ci.test', subject: 'repo', audiences: ['a'], publicKeys: [] };
    applications.addFederatedIdentityCredential(objectId, federated);
    expect(code(() => applications.addFederatedIdentityCredential(objectId, { ...federated, name: 'x' }))).toEqual([
      409,
      'Request_MultipleObjectsWithSameKeyValue',
    ]);
  });
});

describe('keys', () => {
  const published = async () => {
    const answer = await entra.fetch(`${entra.origin}/${entra.tenantId}/discovery/v2.0/keys`);
    return ((await answer.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };

  it('roll over with and without overlap, and are withdrawn', async () => {
    const first = entra.keys.signing.kid;
    const second = entra.keys.rollOver({ overlap: true }).kid;
    expect(await published()).toEqual([second, first]);
    entra.keys.withdraw(first);
    expect(await published()).toEqual([second]);
    const third = entra.keys.rollOver({ overlap: false }).kid;
    expect(await published()).toEqual([third]);
    entra.keys.withdraw(third);
    expect(await published()).toEqual([entra.keys.signing.kid]);
    expect(entra.keys.signing.kid).not.toBe(third);
    expect(() => entra.keys.withdraw(third)).toThrow(/No published key/);
  });
});

describe('the log', () => {
  it('says what was issued, without a token, a secret or a name', () => {
    const token = entra.userToken({ user: 'Ada', client: 'Portal', resource: 'API', scopes: ['Mail.Read'] });
    const { clientId } = entra.directory.applications.named('Portal');
    expect(entra.log.entries).toEqual([
      {
        at: expect.any(String),
        event: 'issued',
        kind: 'user',
        tenantId: entra.tenantId,
        clientId,
        resourceId: entra.directory.applications.named('API').clientId,
        roles: ['Dispatcher'],
        scopes: ['Mail.Read'],
        tokenId: decodeJwt(token).uti,
      },
    ]);
  });

  it('keeps the last thousand', () => {
    for (let count = 0; count < 1001; count += 1) {
      entra.log.add({ event: 'asked', method: 'GET', path: `/${count}`, status: 200 });
    }
    expect(entra.log.entries).toHaveLength(1000);
    expect(entra.log.entries[0]).toMatchObject({ path: '/1' });
  });
});
