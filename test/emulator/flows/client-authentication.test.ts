import { sign } from 'node:crypto';
import { ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { type Emulator, startEmulator } from 'express-app-roles/emulator';
import { decodeJwt, SignJWT } from 'jose';
import { clientCredentialsGrant, modifyAssertion, PrivateKeyJwt } from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, confidential, openIdClient, overHttp } from './clients.js';
import {
  certificate,
  daemon,
  directory,
  outside,
  outsideIssuer,
  secret,
  thumbprint,
  unregistered,
} from './directory.js';

let entra: Emulator;
beforeAll(async () => {
  entra = await startEmulator({ directory });
});
afterAll(() => entra.close());

const scope = 'api://orders/.default';
const asDaemon = { azp: daemon, azpacr: '2', roles: ['Orders.Read.All'], idtyp: 'app' };
const privateKey = certificate.privateKey;

describe('msal-node', () => {
  it.each([
    ['PS256 and x5t#S256', { thumbprintSha256: certificate.sha256 }],
    ['RS256 and x5t', { thumbprint: certificate.sha1 }],
    ['the certificate along with it', { thumbprintSha256: certificate.sha256, x5c: certificate.certificate }],
  ])('proves itself by a certificate with %s', async (_what, named) => {
    const client = await confidential(entra, { clientId: daemon, clientCertificate: { privateKey, ...named } });
    const result = await client.acquireTokenByClientCredential({ scopes: [scope] });
    expect(decodeJwt(String(result?.accessToken))).toMatchObject(asDaemon);
    const again = await client.acquireTokenByClientCredential({ scopes: [scope], skipCache: true });
    expect(again?.fromCache).toBe(false);
  });

  it('proves itself by a certificate of which Entra knows the thumbprint alone, if it brings it along', async () => {
    const named = { privateKey, thumbprintSha256: certificate.sha256 };
    const bringing = { ...named, x5c: certificate.certificate };
    const scopes = { scopes: [scope] };
    const client = await confidential(entra, { clientId: thumbprint, clientCertificate: bringing });
    expect(await client.acquireTokenByClientCredential(scopes)).toMatchObject({ tokenType: 'Bearer' });
    const silent = await confidential(entra, { clientId: thumbprint, clientCertificate: named });
    await expect(silent.acquireTokenByClientCredential(scopes)).rejects.toMatchObject({ errorNo: 700027 });
  });

  it('is refused with a certificate that is not registered', async () => {
    const { privateKey: key, sha256: thumbprintSha256 } = unregistered;
    const client = await confidential(entra, {
      clientId: daemon,
      clientCertificate: { privateKey: key, thumbprintSha256 },
    });
    await expect(client.acquireTokenByClientCredential({ scopes: [scope] })).rejects.toMatchObject({
      errorCode: 'invalid_client',
      errorNo: 700027,
    });
  });

  it('proves itself by an assertion of its own making, and by a federated token', async () => {
    for (const clientAssertion of [await ownAssertion(), await federatedToken()]) {
      const client = await confidential(entra, { clientId: daemon, clientAssertion });
      const result = await client.acquireTokenByClientCredential({ scopes: [scope] });
      expect(decodeJwt(String(result?.accessToken))).toMatchObject(asDaemon);
    }
  });
});

describe('@azure/identity', () => {
  it('proves itself by secret, certificate, assertion and federated token', async () => {
    const { tenantId } = entra;
    const pem = { certificate: `${certificate.privateKey}${certificate.certificate}` };
    const credentials = [
      new ClientSecretCredential(tenantId, daemon, secret, overHttp(entra)),
      new ClientCertificateCredential(tenantId, daemon, pem, overHttp(entra)),
      new ClientCertificateCredential(tenantId, daemon, pem, { ...overHttp(entra), sendCertificateChain: true }),
      new ClientAssertionCredential(tenantId, daemon, () => ownAssertion(), overHttp(entra)),
      new ClientAssertionCredential(tenantId, daemon, () => federatedToken(), overHttp(entra)),
    ];
    for (const credential of credentials) {
      const { token } = await credential.getToken(scope);
      expect(decodeJwt(token)).toMatchObject({ azp: daemon, roles: ['Orders.Read.All'] });
    }
  });
});

describe('openid-client', () => {
  it('proves itself by post, by Basic and by private_key_jwt', async () => {
    const { key, x5tS256 } = certificate;
    const jwk = await crypto.subtle.importKey(
      'pkcs8',
      key.export({ type: 'pkcs8', format: 'der' }),
      { name: 'RSA-PSS', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const signed = PrivateKeyJwt(jwk, {
      [modifyAssertion]: (header) => {
        header['x5t#S256'] = x5tS256;
      },
    });
    for (const proof of [secret, signed]) {
      const tokens = await clientCredentialsGrant(await openIdClient(entra, daemon, proof), { scope });
      expect(decodeJwt(tokens.access_token)).toMatchObject({ azp: daemon, roles: ['Orders.Read.All'] });
    }
  });
});

describe('the token endpoint', () => {
  const asking = (client_assertion: string) => ({
    grant_type: 'client_credentials',
    client_id: daemon,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion,
    scope,
  });

  it.each<[string, number, () => string | Promise<string>]>([
    ['no JWT', 50027, () => 'x.y.z'],
    ['a wrong signature', 700027, () => ownAssertion({}, unregistered.key)],
    ['alg none', 700027, () => unsigned()],
    ['no thumbprint', 700027, () => ownAssertion({ header: {} })],
    ['another audience', 700023, () => ownAssertion({ claims: { aud: 'https://login.microsoftonline.com/x' } })],
    [
      'the audience of another tenant',
      700023,
      () => ownAssertion({ claims: { aud: `${entra.origin}/fabrikam.test/v2.0` } }),
    ],
    ['an expired one', 700024, () => ownAssertion({ claims: { exp: 1_000_000_000 } })],
    ['one from the future', 700024, () => ownAssertion({ claims: { nbf: 9_000_000_000, exp: 9_000_000_600 } })],
    ['another subject', 700021, () => ownAssertion({ claims: { sub: thumbprint } })],
    ['an issuer nobody trusts', 700211, () => federatedToken({ iss: 'https://elsewhere.test' })],
    ['a federated token for another audience', 700212, () => federatedToken({ aud: 'x' })],
    ['a federated token about someone else', 700213, () => federatedToken({ sub: 'repo:shop:Main' })],
    ['a federated token that someone else signed', 700027, () => federatedToken({}, unregistered.key)],
  ])('refuses as an assertion %s', async (_what, code, assertion) => {
    const { status, body } = await ask(entra, asking(await assertion()));
    expect([status, body.error, body.error_codes]).toEqual([401, 'invalid_client', [code]]);
  });

  it('takes the same assertion again, one of half a second ahead, and either endpoint or issuer as its audience', async () => {
    const { origin, tenantId } = entra;
    const assertion = await ownAssertion({ claims: { nbf: Math.ceil(Date.now() / 1000) + 1 } });
    const audiences = [
      `${origin}/${tenantId}/oauth2/v2.0/token`,
      `${origin.replace('127.0.0.1', 'localhost')}/${tenantId}/oauth2/token`,
      `${origin}/contoso.test/v2.0`,
      `https://login.microsoftonline.com/${tenantId.toUpperCase()}/v2.0`,
    ];
    const others = await Promise.all(audiences.map((aud) => ownAssertion({ claims: { aud } })));
    for (const each of [assertion, assertion, ...others]) {
      expect((await ask(entra, asking(each))).status).toBe(200);
    }
  });

  it('asks for the kind of assertion', async () => {
    const { client_assertion_type: _, ...form } = asking(await ownAssertion());
    expect((await ask(entra, form)).body.error_codes).toEqual([900144]);
  });

  it('takes the token of a managed identity for a federated one', async () => {
    const { applications, servicePrincipals } = entra.directory;
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
    const token = entra.applicationToken({ client: 'Job', resource: 'Token exchange' });
    expect((await ask(entra, asking(token))).status).toBe(200);
  });

  it('answers at v1.0 for a resource, with its numbers as strings', async () => {
    const { scope: _, ...form } = asking(await ownAssertion());
    const { status, body } = await ask(entra, { ...form, resource: 'api://stock' }, { path: 'oauth2/token' });
    expect(status).toBe(200);
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: '3599',
      ext_expires_in: '3599',
      expires_on: expect.stringMatching(/^\d+$/),
      not_before: expect.stringMatching(/^\d+$/),
      resource: 'api://stock',
      access_token: expect.any(String),
    });
    expect(decodeJwt(body.access_token)).toMatchObject({ ver: '1.0', aud: 'api://stock', appidacr: '2' });
    const v2 = await ask(entra, { ...form, resource: 'api://orders' }, { path: 'oauth2/token' });
    expect(decodeJwt(v2.body.access_token).ver).toBe('2.0');
    const nameless = await ask(entra, form, { path: 'oauth2/token' });
    expect(nameless.body.error_codes).toEqual([900144]);
  });
});

interface Parts {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, string>>;
}

const seconds = () => Math.floor(Date.now() / 1000);

function ownAssertion(
  { claims = {}, header = { 'x5t#S256': certificate.x5tS256 } }: Parts = {},
  key = certificate.key,
) {
  return new SignJWT({
    iss: daemon,
    sub: daemon,
    aud: `https://login.microsoftonline.com/${entra.tenantId}/oauth2/v2.0/token`,
    exp: seconds() + 600,
    ...claims,
  })
    .setProtectedHeader({ alg: 'PS256', ...header })
    .sign(key);
}

function federatedToken(claims: Readonly<Record<string, unknown>> = {}, key = outside.key) {
  const usual = { iss: outsideIssuer, sub: 'repo:shop:main', aud: 'api://AzureADTokenExchange', exp: seconds() + 600 };
  return new SignJWT({ ...usual, ...claims }).setProtectedHeader({ alg: 'RS256' }).sign(key);
}

function unsigned(): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'none', 'x5t#S256': certificate.x5tS256 })}.${encode({ iss: daemon, sub: daemon })}`;
  return `${input}.${sign('sha256', Buffer.from(input), certificate.key).toString('base64url')}`;
}
