import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { browse } from './browser.js';
import { ask, confidential, publicClient } from './clients.js';
import { daemon, desktop, directory, global, orders, secret, unassigned } from './directory.js';

let entra: Emulator;
beforeEach(async () => {
  entra = await startEmulator({ directory });
});
afterEach(() => entra.close());

const asClient = async (clientId: string, scope: string) => {
  const client = await confidential(entra, { clientId, clientSecret: secret });
  return client.acquireTokenByClientCredential({ scopes: [scope], skipCache: true });
};
const asUser = async (scope: string, user = 'ada@contoso.test') => {
  const client = await publicClient(entra, desktop);
  return client.acquireTokenInteractive({
    scopes: [scope],
    loginHint: user,
    openBrowser: async (url) => {
      const { location, answer } = await browse(url);
      await fetch(location ?? '', { method: 'POST', body: new URLSearchParams(answer) });
    },
  });
};

it("gives a user's token scp and the user's roles, and an app's token roles alone", async () => {
  const user = decodeJwt((await asUser('api://orders/Orders.Read')).accessToken);
  expect(user).toMatchObject({ scp: 'Orders.Read Orders.Write', roles: ['Dispatcher'] });
  const application = decodeJwt(String((await asClient(daemon, 'api://orders/.default'))?.accessToken));
  expect(application).toMatchObject({ roles: ['Orders.Read.All'] });
  expect(application).not.toHaveProperty('scp');
});

it('gives a client all its roles of a resource and none of another, as soon as an administrator grants them', async () => {
  const roles = async () => decodeJwt(String((await asClient(unassigned, 'api://orders/.default'))?.accessToken)).roles;
  expect(await roles()).toBeUndefined();
  const assignment = { principal: 'Unassigned', resource: 'Orders', appRole: 'Orders.Read.All' };
  entra.assignAppRole(assignment);
  expect(await roles()).toEqual(['Orders.Read.All']);
  entra.unassignAppRole(assignment);
  expect(await roles()).toBeUndefined();
});

it('gives no client without an assignment a token where one is required', async () => {
  await expect(asClient(unassigned, 'api://locked/.default')).rejects.toMatchObject({
    errorCode: 'invalid_grant',
    errorNo: 501051,
  });
});

it('gives no role for the asking: a client cannot name one, nor a user consent to one', async () => {
  await expect(asClient(daemon, 'api://orders/Orders.Read.All')).rejects.toMatchObject({ errorNo: 1002012 });
  await expect(asUser('api://orders/Orders.Read.All')).rejects.toMatchObject({ errorCode: 'invalid_client' });
});

it('knows no client of its own and no role in the tenant of personal accounts', async () => {
  const form = {
    grant_type: 'client_credentials',
    client_id: orders,
    client_secret: secret,
    scope: `${orders}/.default`,
  };
  const { status, body } = await ask(entra, form, { tenant: 'consumers' });
  expect([status, body.error, body.error_codes]).toEqual([400, 'unauthorized_client', [700016]]);
  const { servicePrincipals, users } = entra.directory;
  const personal = entra.directory.tenantCalled('consumers').tenantId;
  const resourceId = servicePrincipals.named('Orders', personal).objectId;
  const appRoleId = entra.directory.applications.named('Orders').appRoles[1]?.id ?? '';
  const principalId = users.named('Paul').objectId;
  expect(() => entra.directory.appRoleAssignments.create({ principalId, resourceId, appRoleId })).toThrow(
    /grants no app role/,
  );
});

it('keeps consent in its tenant', async () => {
  entra.grantScopes({ client: 'Global', resource: 'Orders', scopes: ['Orders.Read'], tenant: 'fabrikam.test' });
  const page = (tenant: string, login_hint: string) => {
    const parameters = {
      client_id: global,
      redirect_uri: 'http://localhost',
      response_type: 'code',
      scope: 'api://orders/Orders.Read',
    };
    return browse(
      `${entra.origin}/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams({ ...parameters, login_hint })}`,
    );
  };
  expect((await page('fabrikam.test', 'fay@fabrikam.test')).answer).toHaveProperty('code');
  expect((await page('contoso.test', 'ada@contoso.test')).html).toContain('Permissions requested');
});

it('refuses a missing consent field for field as Entra does', async () => {
  const { body } = await ask(entra, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    client_id: orders,
    client_secret: secret,
    requested_token_use: 'on_behalf_of',
    assertion: entra.userToken({ user: 'Ada', client: 'Web', resource: 'Orders', scopes: ['Orders.Read'] }),
    scope: 'api://stock/Stock.Count',
  });
  expect(body).toEqual({
    error: 'invalid_grant',
    error_description: expect.stringMatching(
      /^AADSTS65001: The user or administrator has not consented .* Trace ID: \S+ Correlation ID: \S+ Timestamp: [\d-]+ [\d:]+Z$/,
    ),
    error_codes: [65001],
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/),
    trace_id: expect.any(String),
    correlation_id: expect.any(String),
    error_uri: 'https://login.microsoftonline.com/error?code=65001',
    suberror: 'consent_required',
  });
});
