import { createLocalEntra, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { directory, type Graph, startGraph } from './graph-for-tests.js';

let graph: Graph;
beforeAll(async () => {
  graph = await startGraph();
});
afterAll(() => graph.entra.close());

const api = () => graph.application('Mailroom API');
const errorOf = ({ status, body }: { status: number; body: { error: { code: string } } }) => [status, body.error.code];

describe('tokens', () => {
  it('are asked for', async () => {
    const { status, headers, body } = await graph.ask(undefined, 'GET', 'applications');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="", client_id="00000003-0000-0000-c000-000000000000"');
    expect(body).toEqual({
      error: {
        code: 'InvalidAuthenticationToken',
        message: expect.stringContaining('access token is required'),
        innerError: {
          code: 'no_credential',
          date: expect.any(String),
          'request-id': headers.get('request-id'),
          'client-request-id': headers.get('request-id'),
        },
      },
    });
  });

  it.each<[string, () => string]>([
    ['for another API', () => graph.entra.applicationToken({ client: 'Manager', resource: 'Mailroom API' })],
    [
      'of another local Entra',
      () =>
        createLocalEntra({ directory, origin: graph.entra.origin }).applicationToken({
          client: 'Manager',
          resource: 'Microsoft Graph',
        }),
    ],
    ['that expired', () => graph.entra.sign({ ...decodeJwt(graph.tokenOf('Manager')), exp: 1, nbf: 0 })],
    ['without a signature', () => `${graph.tokenOf('Manager').split('.').slice(0, 2).join('.')}.`],
    [
      'changed after it was signed',
      () => {
        const [header, payload, signature] = graph.tokenOf('Nobody').split('.');
        const claims = {
          ...JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()),
          roles: ['Application.ReadWrite.All'],
        };
        return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
      },
    ],
    ['that are none', () => 'x'],
  ])('are refused %s', async (_what, token) => {
    expect(errorOf(await graph.ask(token(), 'GET', 'applications'))).toEqual([401, 'InvalidAuthenticationToken']);
  });

  it('are good after every rollover, and refused where the clock of the local Entra is wrong, as any API refuses them', async () => {
    for (let round = 0; round < 5; round += 1) {
      graph.entra.keys.rollOver({ overlap: false });
      expect((await graph.as('Reader').get('applications')).status).toBe(200);
    }
    const before = graph.tokenOf('Reader');
    graph.entra.keys.withdraw(graph.entra.keys.signing.kid);
    expect((await graph.ask(before, 'GET', 'applications')).status).toBe(401);
    graph.entra.clock.setAhead(24 * 3600);
    expect((await graph.as('Reader').get('applications')).status).toBe(401);
    graph.entra.clock.setAhead(0);
  });

  it('of another tenant show that tenant', async () => {
    const { body } = await graph.as('Fay').get('applications');
    expect(body.value.map(({ displayName }: { displayName: string }) => displayName)).toEqual(['Of Fabrikam']);
    expect((await graph.as('Fay').get(`applications/${api().objectId}`)).status).toBe(404);
    expect((await graph.as('Fay').delete(`applications/${api().objectId}`)).status).toBe(404);
    const path = `servicePrincipals/${graph.principal('Mailroom API')}/appRoleAssignedTo`;
    expect((await graph.as('Fay').get(path)).status).toBe(404);
  });
});

describe('users', () => {
  it('manage what they own, and everything if they administer applications', async () => {
    const path = `applications/${api().objectId}`;
    expect((await graph.as('Olga').patch(path, { displayName: 'A' })).status).toBe(204);
    expect((await graph.as('Ada').patch(path, { displayName: 'Mailroom API' })).status).toBe(204);
    expect(errorOf(await graph.as('Petra').patch(path, { displayName: 'C' }))).toEqual([
      403,
      'Authorization_RequestDenied',
    ]);
    expect((await graph.as('Petra').get(path)).body.displayName).toBe('Mailroom API');
  });

  it('own what they register, unless they administer applications', async () => {
    for (const [name, owners] of [
      ['Olga', 1],
      ['Petra', 1],
      ['Ada', 0],
    ] as const) {
      const { body } = await graph.as(name).post('applications', { displayName: `Of ${name}` });
      expect((await graph.as(name).get(`applications/${body.id}/owners`)).body.value).toHaveLength(owners);
      expect((await graph.as(name).post('servicePrincipals', { appId: body.appId })).status).toBe(201);
    }
  });

  it('name other owners of what they own', async () => {
    const path = `applications/${api().objectId}/owners`;
    const reference = { '@odata.id': `${graph.entra.origin}/v1.0/users/${graph.principal('Petra')}` };
    expect((await graph.as('Petra').post(`${path}/$ref`, reference)).status).toBe(403);
    expect((await graph.as('Olga').post(`${path}/$ref`, reference)).status).toBe(204);
    expect((await graph.as('Olga').delete(`${path}/${graph.principal('Olga')}/$ref`)).status).toBe(204);
    expect((await graph.as('Petra').get(path)).body.value).toMatchObject([{ displayName: 'Petra' }]);
  });
});

describe('applications', () => {
  const manager = () => graph.as('Manager');
  const role = (fields: object = {}) => ({
    id: '11111111-1111-4111-8111-111111111111',
    value: 'Order.Read',
    allowedMemberTypes: ['Application'],
    displayName: 'Read orders',
    description: 'Lets the app read orders.',
    isEnabled: true,
    ...fields,
  });
  const scope = (fields: object = {}) => ({
    id: '22222222-2222-4222-8222-222222222222',
    value: 'Order.Read',
    type: 'User',
    isEnabled: true,
    adminConsentDisplayName: 'Read orders',
    adminConsentDescription: 'Lets the app read orders.',
    userConsentDisplayName: 'Read your orders',
    userConsentDescription: null,
    ...fields,
  });

  it('are registered with everything that permission work needs, and read back', async () => {
    const wanted = {
      displayName: 'Orders API',
      signInAudience: 'AzureADMyOrg',
      identifierUris: ['api://orders'],
      isFallbackPublicClient: false,
      appRoles: [role()],
      api: { requestedAccessTokenVersion: 2, oauth2PermissionScopes: [scope()], knownClientApplications: [] },
      optionalClaims: {
        accessToken: [{ name: 'idtyp', source: null, essential: false, additionalProperties: ['include_user_token'] }],
      },
      web: { redirectUris: ['http://localhost/cb'], implicitGrantSettings: { enableIdTokenIssuance: true } },
      spa: { redirectUris: ['http://localhost/spa'] },
    };
    const { status, body } = await manager().post('applications', wanted);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...wanted,
      '@odata.context': `${graph.entra.origin}/v1.0/$metadata#applications/$entity`,
      appRoles: [{ ...role(), origin: 'Application' }],
    });
    expect((await manager().get(`applications/${body.id}`)).body).toEqual(body);
    const { body: servicePrincipal } = await manager().post('servicePrincipals', { appId: body.appId });
    expect(servicePrincipal).toMatchObject({
      appId: body.appId,
      displayName: 'Orders API',
      servicePrincipalNames: [body.appId, 'api://orders'],
      appRoles: body.appRoles,
      oauth2PermissionScopes: [scope()],
    });
  });

  it('change property by property, and give the next token what they say', async () => {
    const path = `applications/${api().objectId}`;
    expect((await manager().patch(path, { web: { redirectUris: ['http://localhost/cb'] } })).status).toBe(204);
    expect((await manager().patch(path, { api: { requestedAccessTokenVersion: null } })).status).toBe(204);
    expect((await manager().get(path)).body).toMatchObject({
      web: { redirectUris: ['http://localhost/cb'] },
      api: {
        requestedAccessTokenVersion: null,
        oauth2PermissionScopes: [{ value: 'Mail.Read' }, { value: 'Mail.Send' }],
      },
    });
    expect(decodeJwt(graph.entra.applicationToken({ client: 'Portal', resource: 'Mailroom API' })).ver).toBe('1.0');
  });

  it('let a role go only after it was disabled', async () => {
    const path = `applications/${api().objectId}`;
    const appRoles = api().appRoles.map((each) => ({ ...each }));
    const others = appRoles.slice(1);
    expect(errorOf(await manager().patch(path, { appRoles: others }))).toEqual([
      400,
      'CannotDeleteOrUpdateEnabledEntitlement',
    ]);
    const [first, ...rest] = appRoles;
    expect((await manager().patch(path, { appRoles: [{ ...first, isEnabled: false }, ...rest] })).status).toBe(204);
    expect((await manager().patch(path, { appRoles: others })).status).toBe(204);
  });

  it('may have a scope and an app role of one id, which are disabled together', async () => {
    const oauth2PermissionScopes = [scope({ id: role().id })];
    const { status, body } = await manager().post('applications', {
      displayName: 'New',
      appRoles: [role()],
      api: { oauth2PermissionScopes },
    });
    expect(status).toBe(201);
    const path = `applications/${body.id}`;
    const appRoles = [role({ isEnabled: false })];
    expect(errorOf(await manager().patch(path, { appRoles }))).toEqual([400, 'Request_BadRequest']);
    const api = { oauth2PermissionScopes: [scope({ id: role().id, isEnabled: false })] };
    expect((await manager().patch(path, { appRoles, api })).status).toBe(204);
  });

  it.each<[string, () => object, number, string, RegExp]>([
    [
      'an id twice',
      () => ({ appRoles: [role(), role({ value: 'Order.Write' })] }),
      400,
      'DuplicateValue',
      /^appRoles\[1\]\.id: /,
    ],
    ...(['value', 'adminConsentDisplayName', 'adminConsentDescription'] as const).map(
      (property): [string, () => object, number, string, RegExp] => [
        `a scope of an app role's id and another ${property}`,
        () => ({
          appRoles: [role()],
          api: { oauth2PermissionScopes: [scope({ id: role().id, [property]: 'Other' })] },
        }),
        400,
        'Request_BadRequest',
        /^oauth2PermissionScopes\[0\]\.id: The following values must match/,
      ],
    ),
    [
      'a value twice',
      () => ({ appRoles: [role(), role({ id: scope().id })] }),
      400,
      'DuplicateValue',
      /^appRoles\[1\]\.value: /,
    ],
    [
      'a value with a space',
      () => ({ appRoles: [role({ value: 'a b' })] }),
      400,
      'Request_BadRequest',
      /^appRoles\[0\]\.value: /,
    ],
    [
      'a role without an id',
      () => ({ appRoles: [role({ id: undefined })] }),
      400,
      'Request_BadRequest',
      /^appRoles\[0\]\.id: must be a GUID/,
    ],
    [
      'a role that says where it is from',
      () => ({ appRoles: [role({ origin: 'Application' })] }),
      400,
      'Request_BadRequest',
      /^appRoles\[0\]\.origin: is read-only/,
    ],
    [
      'a role for devices',
      () => ({ appRoles: [role({ allowedMemberTypes: ['Device'] })] }),
      400,
      'Request_BadRequest',
      /^appRoles\[0\]\.allowedMemberTypes\[0\]: /,
    ],
    [
      'an App ID URI that is taken',
      () => ({ identifierUris: api().identifierUris }),
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      /^identifierUris\[0\]: /,
    ],
    ['an unknown property', () => ({ colour: 'red' }), 400, 'Request_BadRequest', /^colour: is read-only, unknown/],
    [
      'a property that would not be kept',
      () => ({ api: { preAuthorizedApplications: [{}] } }),
      400,
      'Request_BadRequest',
      /^api\.preAuthorizedApplications: /,
    ],
    ['its own id', () => ({ id: role().id }), 400, 'Request_BadRequest', /^id: is read-only/],
    [
      'v1.0 tokens for personal accounts',
      () => ({ signInAudience: 'PersonalMicrosoftAccount' }),
      400,
      'Request_BadRequest',
      /^requestedAccessTokenVersion: /,
    ],
  ])('are refused with %s', async (_what, fields, status, code, message) => {
    const answer = await manager().post('applications', { displayName: 'New', ...fields() });
    expect(errorOf(answer)).toEqual([status, code]);
    expect(answer.body.error.message).toMatch(message);
  });

  it.each([
    ['without a name', {}],
    ['as a list', []],
    ['as broken JSON', '{'],
  ])('are refused %s', async (_what, body) => {
    const answer = await graph.ask(graph.tokenOf('Manager'), 'POST', 'applications', body);
    expect(errorOf(answer)).toEqual([400, 'Request_BadRequest']);
  });

  it('show a secret once, when it is made, and it works', async () => {
    const path = `applications/${api().objectId}`;
    const { body } = await manager().post(`${path}/addPassword`, {
      passwordCredential: { displayName: 'ci', endDateTime: '2199-01-01T00:00:00Z' },
    });
    expect(body).toMatchObject({ displayName: 'ci', endDateTime: '2199-01-01T00:00:00Z', keyId: expect.any(String) });
    const answer = await fetch(`${graph.entra.origin}/${graph.entra.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: api().clientId,
        client_secret: body.secretText,
        scope: `api://${api().clientId}/.default`,
      }),
    });
    expect(answer.status).toBe(200);
    const secrets = api().passwordCredentials.map(({ secretText }) => secretText);
    expect(secrets).toHaveLength(2);
    for (const shown of [
      path,
      'applications',
      'servicePrincipals',
      `servicePrincipals/${graph.principal('Mailroom API')}`,
      `servicePrincipals/${graph.principal('Manager')}/ownedObjects`,
    ]) {
      const text = JSON.stringify((await manager().get(shown)).body);
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    }
    expect((await manager().get(path)).body.passwordCredentials.at(-1)).toMatchObject({
      keyId: body.keyId,
      secretText: null,
    });
    expect(errorOf(await manager().post(`${path}/removePassword`, { keyId: role().id }))).toEqual([
      404,
      'Request_ResourceNotFound',
    ]);
  });
});

describe('OData', () => {
  const reader = () => graph.as('Reader');
  const list = async (query: Record<string, string>, kind = 'applications') =>
    reader().get(`${kind}?${new URLSearchParams(query)}`);

  it.each([
    ['appId', () => api().clientId],
    ['displayName', () => 'mailroom api'],
  ])('filters by %s', async (property, value) => {
    for (const kind of ['applications', 'servicePrincipals']) {
      const { body } = await list({ $filter: `${property} eq '${value()}'` }, kind);
      expect(body['@odata.context']).toBe(`${graph.entra.origin}/v1.0/$metadata#${kind}`);
      expect(body.value).toMatchObject([{ appId: api().clientId }]);
    }
    expect((await list({ $filter: `${property} eq 'none'` })).body.value).toEqual([]);
  });

  it('filters by a value with a quote', async () => {
    await graph.as('Manager').post('applications', { displayName: "Ada's and eq" });
    const { body } = await list({ $filter: "displayName eq 'Ada''s and eq' and signInAudience eq 'AzureADMyOrg'" });
    expect(body.value).toHaveLength(1);
  });

  it('selects, pages and counts', async () => {
    const first = await list({ $select: 'id,appId', $top: '2', $count: 'true' });
    expect(first.body['@odata.context']).toBe(`${graph.entra.origin}/v1.0/$metadata#applications(id,appId)`);
    expect(Object.keys(first.body.value[0])).toEqual(['id', 'appId']);
    const seen = [...first.body.value];
    for (let next = first.body['@odata.nextLink']; next !== undefined; ) {
      const response = await fetch(next, { headers: { authorization: `Bearer ${graph.tokenOf('Reader')}` } });
      const body = (await response.json()) as { value: object[]; '@odata.nextLink': string };
      seen.push(...body.value);
      next = body['@odata.nextLink'];
    }
    expect(seen).toHaveLength(first.body['@odata.count']);
    expect((await reader().get(`applications/${api().objectId}?$select=displayName`)).body).toEqual({
      '@odata.context': `${graph.entra.origin}/v1.0/$metadata#applications(displayName)/$entity`,
      displayName: 'Mailroom API',
    });
  });

  it.each([
    { $expand: 'owners' },
    { $orderby: 'displayName' },
    { $filter: "startswith(displayName,'M')" },
    { $filter: "colour eq 'red'" },
    { $top: 'all' },
  ])('refuses what it does not do: %o', async (query) => {
    expect(errorOf(await list(query as Record<string, string>))).toEqual([400, 'Request_UnsupportedQuery']);
  });

  it('takes the client id in parentheses, with what comes after', async () => {
    const { body } = await reader().get(`servicePrincipals(appId='${api().clientId}')/appRoleAssignedTo`);
    expect(body.value).toEqual([]);
    expect((await reader().get(`applications(appId='${api().objectId}')`)).status).toBe(404);
    expect((await reader().get(`applications/${api().clientId}`)).status).toBe(404);
  });

  it('says 404 as Microsoft Graph does, and names what it serves for the rest', async () => {
    const missing = await reader().get('applications/11111111-1111-4111-8111-111111111111');
    expect(missing).toMatchObject({
      status: 404,
      body: { error: { code: 'Request_ResourceNotFound', message: expect.stringContaining("'11111111-1111") } },
    });
    expect(errorOf(await reader().get('groups'))).toEqual([400, 'BadRequest']);
  });
});

describe('the process', () => {
  it('answers at both of its origins, over https and http', async () => {
    const other = await startEmulator({ directory, https: true });
    const token = other.applicationToken({ client: 'Reader', resource: 'Microsoft Graph' });
    const response = await fetch(`${other.httpOrigin}/v1.0/applications?$top=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      '@odata.nextLink': expect.stringContaining(`${other.httpOrigin}/v1.0/applications?`),
    });
    await other.close();
  });

  it('where the library takes no local Entra, neither does its Microsoft Graph', async () => {
    vi.stubEnv('NODE_ENV', undefined);
    const other = await startEmulator({ directory });
    vi.unstubAllEnvs();
    const response = await fetch(`${other.origin}/v1.0/applications`);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining('NODE_ENV') } });
    await other.close();
  });

  it('logs what was asked and refused, without tokens and secrets', async () => {
    const token = graph.tokenOf('Manager');
    const path = `applications/${api().objectId}`;
    const { body } = await graph.ask(token, 'POST', `${path}/addPassword?note=a-sentinel-in-the-query`, {
      passwordCredential: { displayName: 'a sentinel in the body' },
    });
    await graph.as('Nobody').get(path);
    await expect.poll(() => graph.entra.log.entries.at(-1)).toMatchObject({ event: 'asked', status: 403 });
    expect(graph.entra.log.entries.slice(-2)).toMatchObject([
      { event: 'refused', method: 'GET', path: `/v1.0/${path}`, code: 403, error: 'missing_app_role' },
      { event: 'asked', method: 'GET', path: `/v1.0/${path}`, status: 403 },
    ]);
    const text = JSON.stringify(graph.entra.log.entries);
    const sentinels = [token, token.split('.')[2] ?? '', body.secretText, 'sentinel'];
    expect(sentinels.filter((sentinel) => text.includes(sentinel))).toEqual([]);
  });
});
