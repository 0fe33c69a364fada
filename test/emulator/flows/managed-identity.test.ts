import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { directory } from './directory.js';
import { run } from './run.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

const msal = (options = '') => `
  import { ManagedIdentityApplication } from '@azure/msal-node';
  const identity = new ManagedIdentityApplication(${options});
  const result = await identity.acquireToken({ resource: 'api://orders' }).catch((error) => ({ error: error.message }));
  console.log(JSON.stringify(result));`;
const azure = (options = '') => `
  import { ManagedIdentityCredential } from '@azure/identity';
  const credential = new ManagedIdentityCredential(${options});
  const result = await credential.getToken('api://orders/.default').catch((error) => ({ error: error.message }));
  console.log(JSON.stringify({ accessToken: result.token, ...result }));`;
const places = ['appService', 'imds'] as const;
const clientIdOf = (name: string) => entra.directory.servicePrincipals.named(name, entra.tenantId).clientId;

describe.each(places)('in %s', (place) => {
  const environment = (name: string) => entra.managedIdentityEnvironment(name)[place];

  it.each([
    ['msal-node', msal],
    ['@azure/identity', azure],
  ])('%s gets the token of the machine', async (_client, source) => {
    const { accessToken } = (await run(source(), environment('Job'))) as { accessToken: string };
    const claims = decodeJwt(accessToken);
    expect(claims).toMatchObject({
      azp: clientIdOf('Job'),
      azpacr: '2',
      roles: ['Orders.Read.All'],
      xms_mirid: expect.stringContaining('/userAssignedIdentities/Job'),
    });
    expect(Number(claims.exp) - Number(claims.nbf)).toBe(86_699);
  });

  it('the clients get the token of another identity by its id', async () => {
    const clientId = clientIdOf('Job');
    const { azureResourceId = '', objectId } = entra.directory.servicePrincipals.named('Job', entra.tenantId);
    const sources = [
      msal(`{ managedIdentityIdParams: { userAssignedClientId: '${clientId}' } }`),
      msal(`{ managedIdentityIdParams: { userAssignedObjectId: '${objectId}' } }`),
      msal(`{ managedIdentityIdParams: { userAssignedResourceId: '${azureResourceId}' } }`),
      azure(`{ clientId: '${clientId}' }`),
    ];
    const results = await Promise.all(sources.map((source) => run(source, environment('Other job'))));
    for (const result of results) {
      expect(decodeJwt((result as { accessToken: string }).accessToken).azp).toBe(clientId);
    }
  });

  it('the clients are told of an identity that is not there', async () => {
    const source = msal(`{ managedIdentityIdParams: { userAssignedClientId: '${entra.tenantId}' } }`);
    expect(await run(source, environment('Job'))).toMatchObject({
      error: expect.stringContaining('Identity not found'),
    });
  });
});

describe('the endpoints', () => {
  const get = async (path: string, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(`${entra.httpOrigin}${path}`, { headers });
    return { status: response.status, body: await response.json() };
  };
  const imds = '/metadata/identity/oauth2/token/?api-version=2018-02-01';
  const secretHeader = () => {
    const { IDENTITY_HEADER } = entra.managedIdentityEnvironment('Job').appService;
    return { 'x-identity-header': IDENTITY_HEADER };
  };

  it('answer as the two places do, for the first identity where nothing names one', async () => {
    const answer = {
      access_token: expect.any(String),
      expires_on: expect.stringMatching(/^\d+$/),
      resource: 'api://stock',
      token_type: 'Bearer',
      client_id: clientIdOf('Job'),
    };
    expect(await get('/msi/token?api-version=2019-08-01&resource=api://stock', secretHeader())).toEqual({
      status: 200,
      body: answer,
    });
    expect(await get(`${imds}&resource=api://stock`, { metadata: 'true' })).toEqual({
      status: 200,
      body: { ...answer, expires_in: '86399', ext_expires_in: '86399', not_before: expect.any(String) },
    });
  });

  it('refuse who is not on the machine, an unknown resource, and none', async () => {
    expect(await get('/msi/token?resource=api://stock', { 'x-identity-header': 'x' })).toEqual({
      status: 400,
      body: { statusCode: 400, message: expect.stringContaining('IDENTITY_HEADER'), correlationId: expect.any(String) },
    });
    expect((await get(`${imds}&resource=api://stock`, {})).body).toEqual({
      error: 'invalid_request',
      error_description: 'Required metadata header not specified',
    });
    expect((await get(imds, { metadata: 'true' })).status).toBe(400);
    expect((await get(`${imds}&resource=api://nowhere`, { metadata: 'true' })).body).toMatchObject({
      error: 'invalid_resource',
      error_description: expect.stringContaining('AADSTS500011'),
    });
    expect((await get(`${imds}&resource=api://locked`, { metadata: 'true' })).body).toMatchObject({
      error: 'invalid_grant',
      error_description: expect.stringContaining('AADSTS501051'),
    });
  });

  it('have an environment for managed identities only', () => {
    expect(() => entra.managedIdentityEnvironment('Daemon')).toThrow(/Daemon is an application/);
    expect(() => entra.managedIdentityEnvironment('Nobody')).toThrow(/no service principal is called "Nobody"/);
  });
});
