import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ClientSecretCredential } from '@azure/identity';
import express from 'express';
import { allow, authenticate, callerOf, definePermissions, problemDetails } from 'express-app-roles';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { confidential } from './clients.js';
import { daemon, directory, orders, secret } from './directory.js';
import { run } from './run.js';

let entra: Emulator;
let folder: string;
let ca: string;
beforeAll(async () => {
  entra = await startEmulator({ directory, https: true });
  folder = await mkdtemp(join(tmpdir(), 'local-entra-'));
  ca = join(folder, 'ca.pem');
  await writeFile(ca, String(entra.certificate));
});
afterAll(async () => {
  await entra.close();
  await rm(folder, { recursive: true });
});

const scope = 'api://orders/.default';
const asDaemon = () => ({ azp: daemon, roles: ['Orders.Read.All'], iss: `${entra.origin}/${entra.tenantId}/v2.0` });

it('has a certificate of its own for this machine, other at each start', async () => {
  expect(entra.origin).toMatch(/^https:\/\/localhost:\d+$/);
  expect(entra.httpOrigin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const certificate = new X509Certificate(String(entra.certificate));
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1');
  expect([certificate.ca, certificate.verify(certificate.publicKey)]).toEqual([false, true]);
  expect(Date.parse(certificate.validTo) - Date.now()).toBeLessThan(8 * 86_400_000);
  const other = await startEmulator({ directory, https: true });
  expect(other.certificate).not.toBe(entra.certificate);
  await other.close();
  const plain = await startEmulator({ directory });
  expect([plain.certificate, plain.origin]).toEqual([undefined, plain.httpOrigin]);
  await plain.close();
});

it('is an authority of msal-node that trusts the certificate, and of no other', async () => {
  const { origin, tenantId } = entra;
  const auth = {
    clientId: daemon,
    clientSecret: secret,
    authority: `${origin}/${tenantId}`,
    knownAuthorities: [new URL(origin).host],
  };
  const source = `
    import { ConfidentialClientApplication } from '@azure/msal-node';
    const client = new ConfidentialClientApplication({ auth: ${JSON.stringify(auth)} });
    const result = await client
      .acquireTokenByClientCredential({ scopes: ['${scope}'] })
      .catch(({ errorCode }) => ({ errorCode }));
    console.log(JSON.stringify(result));`;
  const { accessToken } = (await run(source, { NODE_EXTRA_CA_CERTS: ca })) as { accessToken: string };
  expect(decodeJwt(accessToken)).toMatchObject(asDaemon());
  expect(await run(source, {})).toMatchObject({ errorCode: expect.any(String) });
});

it('is the authority host of @azure/identity', async () => {
  const options = {
    authorityHost: entra.origin,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: String(entra.certificate) },
    retryOptions: { maxRetries: 0 },
  };
  const credential = new ClientSecretCredential(entra.tenantId, daemon, secret, options);
  expect(decodeJwt((await credential.getToken(scope)).token)).toMatchObject(asDaemon());
});

it('is found by @azure/identity in the environment, with a federated token in a file', async () => {
  const { applications, servicePrincipals } = entra.directory;
  const token = join(folder, 'token');
  const exchange = applications.create({
    displayName: 'Token exchange',
    tenantId: entra.tenantId,
    identifierUris: ['api://AzureADTokenExchange'],
  });
  servicePrincipals.create({ clientId: exchange.clientId, tenantId: entra.tenantId });
  applications.addFederatedIdentityCredential(applications.named('Daemon').objectId, {
    name: 'job',
    issuer: `${entra.origin}/${entra.tenantId}/`,
    subject: servicePrincipals.named('Job', entra.tenantId).objectId,
    audiences: ['api://AzureADTokenExchange'],
    publicKeys: [],
  });
  await writeFile(token, entra.applicationToken({ client: 'Job', resource: 'Token exchange' }));
  const source = `
    import { WorkloadIdentityCredential } from '@azure/identity';
    const credential = new WorkloadIdentityCredential({ disableInstanceDiscovery: true });
    console.log(JSON.stringify(await credential.getToken('${scope}')));`;
  const result = (await run(source, {
    NODE_EXTRA_CA_CERTS: ca,
    AZURE_AUTHORITY_HOST: entra.origin,
    AZURE_TENANT_ID: entra.tenantId,
    AZURE_CLIENT_ID: daemon,
    AZURE_FEDERATED_TOKEN_FILE: token,
  })) as { token: string };
  expect(decodeJwt(result.token)).toMatchObject({ ...asDaemon(), azpacr: '2' });
});

it('is discovered by openid-client, which compares the issuer', async () => {
  const source = `
    import { clientCredentialsGrant, discovery } from 'openid-client';
    const config = await discovery(new URL('${entra.origin}/${entra.tenantId}/v2.0'), '${daemon}', '${secret}');
    console.log(JSON.stringify(await clientCredentialsGrant(config, { scope: '${scope}' })));`;
  const { access_token } = (await run(source, { NODE_EXTRA_CA_CERTS: ca })) as { access_token: string };
  expect(decodeJwt(access_token)).toMatchObject(asDaemon());
});

it('answers curl by both of its names', async () => {
  const { port } = new URL(entra.origin);
  for (const host of ['localhost', '127.0.0.1']) {
    const { stdout } = await promisify(execFile)('curl', [
      ...[
        '--silent',
        '--show-error',
        '--noproxy',
        '*',
        '--cacert',
        ca,
        '--user',
        `${daemon}:${encodeURIComponent(secret)}`,
      ],
      ...['--data', 'grant_type=client_credentials', '--data-urlencode', `scope=${scope}`],
      `https://${host}:${port}/${entra.tenantId}/oauth2/v2.0/token`,
    ]);
    expect(decodeJwt(JSON.parse(stdout).access_token)).toMatchObject(asDaemon());
  }
});

it('answers over http too, with the one issuer', async () => {
  const client = await confidential(entra, { clientId: daemon, clientSecret: secret });
  const result = await client.acquireTokenByClientCredential({ scopes: [scope] });
  expect(decodeJwt(String(result?.accessToken))).toMatchObject(asDaemon());
  const { imds } = entra.managedIdentityEnvironment('Job');
  const url = `${imds.AZURE_POD_IDENTITY_AUTHORITY_HOST}/metadata/identity/oauth2/token?resource=${orders}`;
  const { access_token } = (await (await fetch(url, { headers: { metadata: 'true' } })).json()) as {
    access_token: string;
  };
  expect(decodeJwt(access_token).iss).toBe(asDaemon().iss);
});

it('is the testAuthority of an API as the object that it is', async () => {
  const text = { displayName: 'Read', description: 'Reads.' };
  const permissions = definePermissions({ 'Orders.Read.All': { application: text } });
  const app = express();
  app.use(authenticate({ tenant: entra.tenantId, clientId: orders, permissions, testAuthority: entra }));
  app.get('/', allow(permissions.application('Orders.Read.All')), (req, res) => {
    res.json({ kind: callerOf(req).kind });
  });
  app.use(problemDetails());
  const token = entra.applicationToken({ client: 'Daemon', resource: 'Orders' });
  await request(app).get('/').set('Authorization', `Bearer ${token}`).expect(200, { kind: 'application' });
});
