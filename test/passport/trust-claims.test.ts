import express, { type Request } from 'express';
import { allow, ConfigurationError, problemDetails } from 'express-app-roles';
import { type TrustClaimsOptions, trustClaims } from 'express-app-roles/passport';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { tenantId } from '../support/authority.js';
import { application, authority, clientId, newTenant, permissions, tellCaller } from './api.js';

const tenant = newTenant();
const claims = (changes = {}) =>
  ({ tid: tenant, iss: `https://login.microsoftonline.com/${tenant}/v2.0`, ...changes }) as const;
const good = (changes = {}) => authority.application(['Mail.Read'], claims(changes));
const options = { tenant, clientId, permissions };

const answer = (given: unknown, changes = {}) => {
  const app = express();
  app.use(trustClaims({ ...options, claims: () => given, ...changes } as TrustClaimsOptions));
  app.get('/', allow(application('Mail.Read')), tellCaller).use(problemDetails());
  return request(app).get('/');
};

describe('claims that other code has verified', () => {
  it('are enough for allow', async () => {
    expect((await answer(good())).status).toBe(200);
    expect((await answer(authority.application(['Mail.Write'], claims()))).status).toBe(403);
  });

  it.each([undefined, null])('may be absent: %s is an anonymous request', async (given) => {
    expect((await answer(given)).body.code).toBe('no_credential');
  });

  it.each([
    ['aud', { aud: undefined }],
    ['iss', { iss: undefined }],
    ['tid', { tid: undefined }],
    ['exp', { exp: undefined }],
    ['oid', { oid: undefined }],
    ['another API', { aud: 'b0000000-0000-4000-8000-0000000000b1' }],
    ['another tenant', { tid: tenantId }],
    ['a time that has passed', { exp: 1, nbf: 0 }],
    ['roles as a string', { roles: 'Mail.Read' }],
    ['an ID token', { nonce: 'n' }],
    ['two names that differ in case', { Roles: ['Mail.Read'] }],
  ])('fail closed: %s', async (_name, changes) => {
    expect((await answer(good(changes))).status).toBe(401);
  });

  it('are read once, so that what changes them later changes nothing', async () => {
    let reads = 0;
    const given = good();
    Object.defineProperty(given, 'roles', {
      enumerable: true,
      get: () => (++reads > 1 ? ['Mail.Read'] : ['Mail.Write']),
    });
    expect([(await answer(given)).status, reads]).toEqual([403, 1]);
  });

  it.each(['text', Promise.resolve({})])('must be an object', async (given) => {
    expect((await answer(given)).status).toBe(500);
  });

  it('are asked for with options that have an effect', () => {
    const make = (changes: object) => () => trustClaims({ ...options, claims: (req: Request) => req, ...changes });
    expect(make({ fetch })).toThrow(/fetch has no effect/);
    expect(make({ claims: undefined })).toThrow(ConfigurationError);
    expect(make({ clientID: 'x' })).toThrow(/'clientID' is not an option/);
  });
});
