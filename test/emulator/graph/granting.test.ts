import { ConfidentialClientApplication } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Graph, startGraph } from './graph-for-tests.js';

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterEach(() => {
  const { appRoleAssignments, oauth2PermissionGrants } = graph.entra.directory;
  appRoleAssignments.forget(graph.principal('Nightly script'));
  appRoleAssignments.forget(graph.principal('Mailroom API'));
  oauth2PermissionGrants.forget(graph.principal('Portal'));
});
afterAll(() => graph.entra.close());

const grant = (appRole = 'Mail.Send', principal = 'Nightly script') => ({
  principalId: graph.principal(principal),
  resourceId: graph.principal('Mailroom API'),
  appRoleId: graph.roleId(appRole),
});
const assignedTo = () => `servicePrincipals/${graph.principal('Mailroom API')}/appRoleAssignedTo`;
const ofGraph = () => ({
  principalId: graph.principal('Nightly script'),
  resourceId: graph.principal('Microsoft Graph'),
  appRoleId: graph.roleId('Application.ReadWrite.All', 'Microsoft Graph'),
});
const graphAssignedTo = () => `servicePrincipals/${graph.principal('Microsoft Graph')}/appRoleAssignedTo`;

/** The roles in a token that Microsoft's client gets for the nightly script, with nothing in its cache. */
async function rolesInNextToken(): Promise<unknown> {
  const { origin, tenantId } = graph.entra;
  const discovery = await fetch(`${origin}/${tenantId}/v2.0/.well-known/openid-configuration`);
  const msal = new ConfidentialClientApplication({
    auth: {
      clientId: graph.application('Nightly script').clientId,
      clientSecret: 'nightly',
      authority: `https://login.microsoftonline.com/${tenantId}`,
      authorityMetadata: await discovery.text(),
    },
  });
  const { clientId } = graph.application('Mailroom API');
  const answer = await msal.acquireTokenByClientCredential({ scopes: [`api://${clientId}/.default`] });
  return decodeJwt(String(answer?.accessToken)).roles;
}

describe('app role assignments', () => {
  it('change the next token', async () => {
    expect(await rolesInNextToken()).toBeUndefined();
    const { status, body } = await graph.as('Granter').post(assignedTo(), grant());
    expect(status).toBe(201);
    expect(body).toEqual({
      '@odata.context': `${graph.entra.origin}/v1.0/$metadata#servicePrincipals('${grant().resourceId}')/appRoleAssignedTo/$entity`,
      id: expect.any(String),
      deletedDateTime: null,
      createdDateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      principalDisplayName: 'Nightly script',
      principalType: 'ServicePrincipal',
      resourceDisplayName: 'Mailroom API',
      ...grant(),
    });
    expect(await rolesInNextToken()).toEqual(['Mail.Send']);
    expect((await graph.as('Granter').delete(`${assignedTo()}/${body.id}`)).status).toBe(204);
    expect(await rolesInNextToken()).toBeUndefined();
  });

  it('are made and taken at either end', async () => {
    const path = `servicePrincipals/${graph.principal('Nightly script')}/appRoleAssignments`;
    const { body } = await graph.as('Granter').post(path, grant());
    expect((await graph.as('Reader').get(path)).body.value).toMatchObject([{ id: body.id }]);
    expect((await graph.as('Reader').get(assignedTo())).body.value).toMatchObject([{ id: body.id }]);
    const elsewhere = `servicePrincipals/${graph.principal('Portal')}/appRoleAssignments/${body.id}`;
    expect((await graph.as('Granter').delete(elsewhere)).status).toBe(404);
    expect((await graph.as('Granter').delete(`${path}/${body.id}`)).status).toBe(204);
  });

  it('assign user roles to users', async () => {
    const { status, body } = await graph.as('Granter').post(assignedTo(), grant('Dispatcher', 'Olga'));
    expect([status, body.principalType]).toEqual([201, 'User']);
  });

  it.each([
    ['Granter', 201, 201],
    ['Manager', 201, 403],
    ['Half a granter', 403, 403],
    ['Owner', 403, 403],
    ['Reader', 403, 403],
    ['Nobody', 403, 403],
    ['Petra', 201, 201],
    ['Ada', 201, 403],
    ['Olga', 403, 403],
  ])('may be made by %s: of an API %d, of Microsoft Graph %d', async (name, ofApi, ofMicrosoftGraph) => {
    expect((await graph.as(name).post(assignedTo(), grant())).status).toBe(ofApi);
    expect((await graph.as(name).post(graphAssignedTo(), ofGraph())).status).toBe(ofMicrosoftGraph);
    const path = `servicePrincipals/${graph.principal('Nightly script')}/appRoleAssignments`;
    expect(
      (
        await graph
          .as(name)
          .post(path, { ...ofGraph(), appRoleId: graph.roleId('Application.Read.All', 'Microsoft Graph') })
      ).status,
    ).toBe(ofMicrosoftGraph);
  });

  it.each<[string, (body: ReturnType<typeof grant>) => object, number, string]>([
    ['of a role that is not there', (body) => ({ ...body, appRoleId: body.principalId }), 400, 'Request_BadRequest'],
    [
      'of a role for users to a client',
      (body) => ({ ...body, appRoleId: graph.roleId('Dispatcher') }),
      400,
      'Request_BadRequest',
    ],
    [
      'of a client id',
      (body) => ({ ...body, principalId: graph.application('Nightly script').clientId }),
      404,
      'Request_ResourceNotFound',
    ],
    [
      'of another resource than the path says',
      (body) => ({ ...body, resourceId: graph.principal('Portal') }),
      400,
      'Request_BadRequest',
    ],
    ['of no GUID', (body) => ({ ...body, appRoleId: 'Mail.Send' }), 400, 'Request_BadRequest'],
    ['of nothing', () => ({}), 400, 'Request_BadRequest'],
  ])('are refused %s', async (_what, change, status, code) => {
    const answer = await graph.as('Granter').post(assignedTo(), { ...change(grant()) });
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  });

  it('are refused a second time', async () => {
    await graph.as('Granter').post(assignedTo(), grant());
    const { status, body } = await graph.as('Granter').post(assignedTo(), grant());
    expect([status, body.error]).toMatchObject([400, { message: expect.stringContaining('already exists') }]);
  });
});

describe('oauth2PermissionGrants', () => {
  const consent = (fields: object = {}) => ({
    clientId: graph.principal('Portal'),
    consentType: 'AllPrincipals',
    resourceId: graph.principal('Mailroom API'),
    scope: 'Mail.Read',
    ...fields,
  });
  const scopesFor = (user: string) => {
    const { servicePrincipals, oauth2PermissionGrants } = graph.entra.directory;
    const find = (name: string) => servicePrincipals.named(name, graph.entra.tenantId);
    return oauth2PermissionGrants.scopesOf(find('Portal'), find('Mailroom API'), graph.principal(user));
  };

  it('are what clients may do for users', async () => {
    const consenter = graph.as('Consenter');
    const { status, body } = await consenter.post('oauth2PermissionGrants', consent());
    expect(status).toBe(201);
    expect(body).toEqual({
      '@odata.context': `${graph.entra.origin}/v1.0/$metadata#oauth2PermissionGrants/$entity`,
      id: expect.any(String),
      principalId: null,
      ...consent(),
    });
    expect(scopesFor('Olga')).toEqual(['Mail.Read']);
    expect((await consenter.patch(`oauth2PermissionGrants/${body.id}`, { scope: ' Mail.Read Mail.Send' })).status).toBe(
      204,
    );
    expect(scopesFor('Olga')).toEqual(['Mail.Read', 'Mail.Send']);
    const filter = new URLSearchParams({
      $filter: `clientId eq '${consent().clientId}' and consentType eq 'AllPrincipals'`,
    });
    expect((await consenter.get(`oauth2PermissionGrants?${filter}`)).body.value).toMatchObject([
      { id: body.id, scope: 'Mail.Read Mail.Send' },
    ]);
    expect((await consenter.delete(`oauth2PermissionGrants/${body.id}`)).status).toBe(204);
    expect((await consenter.get(`oauth2PermissionGrants/${body.id}`)).status).toBe(404);
    expect(scopesFor('Olga')).toEqual([]);
  });

  it('can be of one user', async () => {
    const fields = { consentType: 'Principal', principalId: graph.principal('Olga') };
    expect((await graph.as('Consenter').post('oauth2PermissionGrants', consent(fields))).status).toBe(201);
    expect([scopesFor('Olga'), scopesFor('Ada')]).toEqual([['Mail.Read'], []]);
  });

  it.each([
    ['Consenter', 201],
    ['Granter', 403],
    ['Manager', 403],
    ['Owner and reader', 403],
    ['Ada', 201],
    ['Petra', 201],
    ['Olga', 403],
  ])('may be made by %s: %d', async (name, status) => {
    expect((await graph.as(name).post('oauth2PermissionGrants', consent())).status).toBe(status);
  });

  it.each([
    ['a scope that is not defined', { scope: 'Mail.Write' }, 400],
    ['no scope', { scope: '' }, 400],
    ['a list of scopes', { scope: ['Mail.Read'] }, 400],
    ['one user, unnamed', { consentType: 'Principal' }, 400],
    ['everyone, named', { principalId: '7e570000-0000-4000-8000-000000000001' }, 400],
    ['another kind of consent', { consentType: 'All' }, 400],
    ['a resource that is not there', { resourceId: '7e570000-0000-4000-8000-000000000001' }, 404],
  ])('are refused for %s', async (_what, fields, status) => {
    expect((await graph.as('Consenter').post('oauth2PermissionGrants', consent(fields))).status).toBe(status);
  });

  it('are refused a second time', async () => {
    await graph.as('Consenter').post('oauth2PermissionGrants', consent());
    const { status, body } = await graph.as('Consenter').post('oauth2PermissionGrants', consent());
    expect([status, body.error.code]).toEqual([409, 'Request_MultipleObjectsWithSameKeyValue']);
  });
});

describe('what an administrator granted', () => {
  it('of Microsoft Graph are not taken by who may not give them', async () => {
    const [assignment] = (await graph.as('Reader').get(graphAssignedTo())).body.value;
    expect((await graph.as('Manager').delete(`${graphAssignedTo()}/${assignment.id}`)).status).toBe(403);
    const path = `servicePrincipals/${assignment.principalId}/appRoleAssignments/${assignment.id}`;
    expect((await graph.as('Manager').delete(path)).status).toBe(403);
    expect((await graph.as('Granter').delete(path)).status).toBe(204);
  });
});
