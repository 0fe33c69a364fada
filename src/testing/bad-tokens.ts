import { createHmac, sign } from 'node:crypto';
import { createSigningKey, type SigningKey } from '../emulator/keys/signing-key.js';
import type { AccessTokenClaims } from '../emulator/tokens/issuance.js';
import type { RefusalCode } from '../errors/index.js';

/** A token that must not be accepted. */
export interface BadToken {
  readonly name: string;
  /** For `.set(…)` of supertest. */
  readonly headers: { readonly Authorization: string };
  readonly status: 400 | 401 | 403;
  /** Undefined where it depends on the route: a token that is good but opens nothing. */
  readonly code: RefusalCode | undefined;
}

interface Good {
  readonly origin: string;
  readonly key: SigningKey;
  /** A client with every application permission. */
  readonly application: AccessTokenClaims;
  /** A user with every scope. */
  readonly user: AccessTokenClaims;
  /** A client that was granted nothing. */
  readonly nobody: AccessTokenClaims;
}

type Claims = Readonly<Record<string, unknown>>;

const elsewhere = '7e570000-0000-4000-8000-0000000000ff';

/** Each is good but for what its name says: it would open every route that an application permission opens. */
export function badTokens({ origin, key, application, user, nobody }: Good): readonly BadToken[] {
  const now = Math.floor(Date.now() / 1000);
  const stranger = createSigningKey();
  const header = { typ: 'JWT', alg: 'RS256', kid: key.kid };
  const signed = (claims: Claims, members: Claims = {}, by = key) => signText({ ...header, ...members }, claims, by);
  const changed = (claims: Claims) => signed({ ...application, ...claims });
  const without = (claims: Claims, ...names: string[]) =>
    Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
  const [head, payload, signature] = signed(application).split('.') as [string, string, string];
  const isV2 = application.ver === '2.0';
  const issuer = (tenant: string, version: '1.0' | '2.0') => `${origin}/${tenant}/${version === '2.0' ? 'v2.0' : ''}`;

  const unauthorized: readonly (readonly [name: string, code: RefusalCode, token: string])[] = [
    ['expired', 'expired', changed({ iat: now - 7200, nbf: now - 7200, exp: now - 3600 })],
    ['not yet valid', 'not_yet_valid', changed({ nbf: now + 3600, exp: now + 7200 })],
    ['for another API', 'wrong_audience', changed({ aud: isV2 ? elsewhere : `api://${elsewhere}` })],
    ['for Microsoft Graph', 'graph_token', changed({ aud: '00000003-0000-0000-c000-000000000000' })],
    ['for Microsoft Graph, by its header', 'graph_token', signed(application, { nonce: 'n' })],
    [
      'an ID token',
      'id_token',
      signed({ ...without(user, 'scp', 'idtyp', 'azp', 'azpacr', 'appid', 'appidacr'), nonce: 'n' }),
    ],
    [
      'of a tenant that is not admitted',
      'wrong_tenant',
      changed({ tid: elsewhere, iss: issuer(elsewhere, application.ver) }),
    ],
    ['of another tenant, under the issuer of this one', 'wrong_issuer', changed({ tid: elsewhere })],
    ['of another issuer', 'wrong_issuer', changed({ iss: `https://issuer.example/${application.tid}/v2.0` })],
    [
      'of the issuer of the other token version',
      'wrong_issuer',
      changed({ iss: issuer(String(application.tid), isV2 ? '1.0' : '2.0') }),
    ],
    ['signed with an unknown key', 'unknown_key', signed(application, { kid: stranger.kid }, stranger)],
    ['signed with a key of its own', 'embedded_key', signed(application, { jwk: stranger.publicJwk }, stranger)],
    ['without a key id', 'missing_key_id', signed(application, { kid: undefined })],
    ['with the key id of another key', 'bad_signature', signed(application, {}, stranger)],
    ['with a changed claim', 'bad_signature', `${head}.${encode({ ...application, uti: 'changed' })}.${signature}`],
    ['without a signature', 'bad_signature', `${head}.${payload}.`],
    ['alg none', 'algorithm_not_allowed', `${encode({ ...header, alg: 'none' })}.${payload}.`],
    ['alg HS256, with the public key as secret', 'algorithm_not_allowed', hmac(header, payload, key)],
    ['alg PS256', 'algorithm_not_allowed', signed(application, { alg: 'PS256' })],
    ['with a critical extension', 'critical_header', signed(application, { crit: ['exp'] })],
    ['of another type', 'not_typ_jwt', signed(application, { typ: 'at+jwt' })],
    ['an application with a scope', 'contradictory_kind', changed({ scp: user.scp })],
    [
      'an application with the name of a user',
      'contradictory_kind',
      changed({ preferred_username: 'ada@example.test' }),
    ],
    ['a user without a scope', 'contradictory_kind', signed(without(user, 'scp'))],
    ['of an unknown kind', 'unknown_kind', changed({ idtyp: 'device' })],
    ['bound to a key', 'bound_token', changed({ cnf: { kid: 'k' } })],
    ['with a claim twice', 'duplicate_member', twice(header, application, key)],
    ['with roles that are no list', 'invalid_claim', changed({ roles: 'Any.Role' })],
    ['without an object id', 'invalid_claim', signed(without(application, 'oid'))],
    ['encrypted', 'encrypted_token', `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AAAA.AAAA.AAAA.AAAA`],
    ['not a token', 'not_a_jwt', 'not-a-token'],
  ];
  const bearer = (token: string) => Object.freeze({ Authorization: `Bearer ${token}` });
  const { roles = [], ...rest } = application;
  return Object.freeze([
    ...unauthorized.map(([name, code, token]) => ({ name, headers: bearer(token), status: 401, code }) as const),
    {
      name: 'two tokens in one header',
      headers: bearer(`${signed(application)} ${signed(rest)}`),
      status: 400,
      code: 'malformed_credential',
    },
    { name: 'of a client without a role', headers: bearer(signed(nobody)), status: 403, code: undefined },
    {
      name: 'of a user with user roles named like application permissions',
      headers: bearer(signed({ ...user, scp: 'Of.No.Use', roles })),
      status: 403,
      code: undefined,
    },
  ]);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signText(header: Claims, claims: Claims | string, { privateKey }: SigningKey): string {
  const payload = typeof claims === 'string' ? Buffer.from(claims).toString('base64url') : encode(claims);
  const input = `${encode(header)}.${payload}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

function hmac(header: Claims, payload: string, { publicKey }: SigningKey): string {
  const input = `${encode({ ...header, alg: 'HS256' })}.${payload}`;
  const secret = publicKey.export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** `roles` empty at first, and full where a careless reader takes the last. */
function twice(header: Claims, { roles = ['Any.Role'], ...claims }: Claims, key: SigningKey): string {
  return signText(header, `{"roles":[],"roles":${JSON.stringify(roles)},${JSON.stringify(claims).slice(1)}`, key);
}
