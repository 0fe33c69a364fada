import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  makeKey,
  otherTenantId,
  servicePrincipalId,
  signText,
  startAuthority,
  type TestKey,
  tenantId,
  userId,
} from '../support/authority.js';
import { answer, protect } from './api.js';

const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';

let authority: Authority;
let ofPersonal: TestKey;
beforeAll(async () => {
  authority = await startAuthority();
  ofPersonal = makeKey('personal', `${authority.origin}/${personal}/v2.0`);
  authority.keys.push(ofPersonal);
});
afterAll(() => authority.close());

const user = (claims: Claims = {}) => authority.user('Mail.Read', claims);
const application = (claims: Claims = {}) => authority.application(['Mail.Read'], claims);
const of = (tid: string): Claims => ({ tid, iss: `${authority.origin}/${tid}/v2.0` });
const without = (claims: Claims, ...names: string[]) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function hmacToken(): string {
  const input = `${base64url({ typ: 'JWT', alg: 'HS256', kid: authority.key.kid })}.${base64url(user())}`;
  const secret = authority.key.publicKey.export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

function withSecondTid(): string {
  const header = JSON.stringify({ typ: 'JWT', alg: 'RS256', kid: authority.key.kid });
  return signText(header, `${JSON.stringify(user()).slice(0, -1)},"TID":"${otherTenantId}"}`, authority.key.privateKey);
}

const signed = (claims: Claims) => authority.token(claims);

/** Numbered and named as in the list of pitfalls that the design started from. */
describe('what naive code gets wrong', () => {
  test.each<[string, () => string, string, object?]>([
    [
      '2: "no scp, so app-only" takes an ID token for a daemon',
      () => signed(without(user({ roles: ['Mail.Read'] }), 'scp', 'azp', 'azpacr')),
      '401 id_token',
    ],
    [
      '2: an ID token with a nonce',
      () => signed({ ...without(user(), 'scp'), roles: ['Mail.Read'], nonce: 'n' }),
      '401 id_token',
    ],
    ['3: "scp is there, so a user" takes an agent for one', () => signed(application({ scp: '/' })), '200'],
    ['4: "oid equals sub" as the only test shuts agents out', () => signed(application({ sub: 'another' })), '200'],
    ['6: roles of any tenant are trusted', () => signed(application(of(otherTenantId))), '401 wrong_tenant'],
    ['9: roles as a string match in part', () => signed(application({ roles: 'Mail.Read' })), '401 invalid_claim'],
    ['10: scp as a list ends in a TypeError', () => signed(user({ scp: ['Mail.Read'] })), '401 invalid_claim'],
    [
      '11: an issuer that only begins right',
      () => signed(user({ iss: `${authority.origin}/${tenantId}/v2.0/x` })),
      '401 wrong_issuer',
    ],
    [
      '12: the key of personal accounts signs for a work tenant',
      () => authority.token(user(), {}, ofPersonal),
      '401 wrong_key_issuer',
      { tenants: 'any' },
    ],
    [
      '13: iss and tid are looked at apart',
      () => signed(user({ ...of(otherTenantId), tid: tenantId })),
      '401 wrong_issuer',
      { tenants: [tenantId, otherTenantId] },
    ],
    ['13: a claim by two names', withSecondTid, '401 duplicate_member'],
    ['14: only v2.0 issuers are known', () => signed(asV1(user(), authority.origin)), '200'],
    [
      '15: the audience of another resource validates',
      () => signed(user({ aud: '00000003-0000-0000-c000-000000000000' })),
      '401 graph_token',
    ],
    ['16: alg is taken from the header', hmacToken, '401 algorithm_not_allowed'],
    ['19: a token without exp never ends', () => signed(without(user(), 'exp')), '401 invalid_claim'],
    [
      '35: a token bound to a key passes as a plain one',
      () => signed(application({ cnf: { 'x5t#S256': 'x' } })),
      '401 bound_token',
    ],
    [
      '41: an application of the personal-accounts tenant',
      () => authority.token(application(of(personal)), {}, ofPersonal),
      '401 personal_application',
      { tenants: [personal] },
    ],
    [
      '41: a client without a service principal',
      () => signed(without(application({ sub: servicePrincipalId }), 'oid')),
      '401 invalid_claim',
    ],
    ['41: a user without an object id', () => signed(without(user({ sub: userId }), 'oid')), '401 invalid_claim'],
  ])('%s', async (_name, token, expected, tenants = { tenant: tenantId }) => {
    expect(await answer(protect({ testAuthority: authority.origin, ...tenants }), token())).toBe(expected);
  });
});
