import type { Express } from 'express';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  callerClientId,
  clientId,
  otherTenantId,
  signText,
  startAuthority,
  tenantId,
} from '../support/authority.js';
import { get, protect } from './api.js';

let authority: Authority;
let app: Express;
beforeAll(async () => {
  authority = await startAuthority();
  app = protect({ tenant: tenantId, testAuthority: authority.origin });
});
afterAll(() => authority.close());

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether claims are those of a token that `/mail` may admit: written anew from what Entra documents, and more loosely than the library. */
function mayBeAdmitted(claims: Claims): boolean {
  const { ver, iss, aud, tid, oid, sub, exp, nbf, idtyp, scp, roles } = claims;
  const client = ver === '2.0' ? claims.azp : claims.appid;
  const isIssued =
    iss === (ver === '2.0' ? `${authority.origin}/${tid}/v2.0` : `${authority.origin}/${tid}/`) &&
    String(tid).toLowerCase() === tenantId;
  const isForUs =
    ver === '2.0' ? aud === clientId : aud === clientId || String(aud).replace(/\/$/, '') === `api://${clientId}`;
  const now = Date.now() / 1000;
  const isNow = typeof exp === 'number' && typeof nbf === 'number' && exp > now - 301 && nbf < now + 301;
  const isNobody = ['cnf', 'nonce', 'at_hash', 'c_hash'].some((name) => name in claims);
  const isIdentified = [oid, client].every((id) => typeof id === 'string' && guid.test(id));
  const scopes = typeof scp === 'string' ? scp.split(' ').filter((scope) => scope !== '' && scope !== '/') : [];
  const isUser = scopes.includes('Mail.Read') && (idtyp === 'user' || (idtyp === undefined && oid !== sub));
  const isApplication =
    scopes.length === 0 &&
    Array.isArray(roles) &&
    roles.includes('Mail.Read') &&
    (idtyp === 'app' || (idtyp === undefined && String(oid).toLowerCase() === String(sub).toLowerCase()));
  return isIssued && isForUs && isNow && !isNobody && isIdentified && (isUser || isApplication);
}

const names = [
  ...['ver', 'iss', 'aud', 'tid', 'oid', 'sub', 'azp', 'appid', 'azpacr', 'iat', 'nbf', 'exp', 'scp', 'roles', 'idtyp'],
  ...['acct', 'idp', 'uti', 'xms_act_fct', 'xms_sub_fct', 'xms_idrel', 'xms_par_app_azp', 'upn', 'unique_name'],
  ...['preferred_username', 'nonce', 'at_hash', 'c_hash', 'cnf', '__proto__', 'constructor', 'toString'],
];

/** Values that are nearly right somewhere. */
const near = fc.constantFrom<unknown>(
  ...['1.0', '2.0', 'app', 'user', 'device', 'Mail.Read', 'Mail.ReadWrite', 'mail.read', 'XMail.Read', '/', '', ' '],
  ...['Mail.Read /', 'Mail.Read,Mail.Send', 'Mail.Read\n', tenantId, otherTenantId, tenantId.toUpperCase()],
  ...[clientId, callerClientId, `api://${clientId}`, `api://${clientId}/`, 0, 1, -1, 2e9, 1e308, 4e9, true, null],
  ...[[], ['Mail.Read'], ['Mail.Read', 1], [['Mail.Read']], 'Mail.Read Mail.Send', { 0: 'Mail.Read', length: 1 }],
);

const changes = fc.dictionary(fc.constantFrom(...names), fc.oneof({ weight: 3, arbitrary: near }, fc.jsonValue()), {
  maxKeys: 3,
  noNullPrototype: true,
});

describe('whatever a signed token says', () => {
  test('it is never an error of the API, and is admitted only where every rule holds', async () => {
    let admitted = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('user', 'application'),
        fc.boolean(),
        changes,
        fc.subarray(names, { maxLength: 1 }),
        async (kind, isV1, changed, removed) => {
          const sound = kind === 'user' ? authority.user('Mail.Read') : authority.application(['Mail.Read']);
          const claims = { ...(isV1 ? asV1(sound, authority.origin) : sound), ...changed };
          for (const name of removed) delete claims[name];
          const { status, body } = await get(app, authority.token(claims));
          if (status === 200) admitted++;
          if (status === 200) expect(mayBeAdmitted(JSON.parse(JSON.stringify(claims)))).toBe(true);
          else expect([401, 403]).toContain(status);
          expect(body.code ?? 'admitted').not.toContain('not a refusal');
        },
      ),
      { numRuns: 1_000, seed: 20_260_101 },
    );
    expect(admitted).toBeGreaterThan(50);
  });

  test('it may be any text at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), fc.boolean(), async (text, inHeader) => {
        const header = JSON.stringify({ typ: 'JWT', alg: 'RS256', kid: authority.key.kid });
        const payload = JSON.stringify(authority.user('Mail.Read'));
        const token = inHeader
          ? signText(text, payload, authority.key.privateKey)
          : signText(header, text, authority.key.privateKey);
        expect([400, 401]).toContain((await get(app, token)).status);
      }),
      { numRuns: 200, seed: 20_260_101 },
    );
  });
});

describe('many at once', () => {
  test('each gets its own caller, also while the keys are still being fetched', async () => {
    const fresh = protect({ tenant: tenantId, testAuthority: authority.origin });
    const ids = Array.from({ length: 60 }, (_, i) => `0b000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
    const answers = await Promise.all(
      ids.map((oid, i) =>
        get(fresh, authority.token(i % 3 ? authority.user('Mail.Read', { oid }) : authority.user('Other', { oid }))),
      ),
    );
    expect(answers.map(({ status, body }) => (status === 200 ? body.principal.objectId : status))).toEqual(
      ids.map((id, i) => (i % 3 ? id : 403)),
    );
  });
});
