import { constants, createHmac, sign } from 'node:crypto';
import type { Express } from 'express';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Authority,
  asV1,
  type Claims,
  clientId,
  makeKey,
  signText,
  startAuthority,
  tenantId,
} from '../support/authority.js';
import { answer, get, protect, sendRaw } from './api.js';

let authority: Authority;
let app: Express;
const stranger = makeKey('key-1');
const weak = makeKey('weak', undefined, 1024);
const forEncryption = makeKey('for-encryption');
const forPss = makeKey('for-pss');
const withoutUse = makeKey('without-use');

beforeAll(async () => {
  authority = await startAuthority();
  authority.intercept = (req, res) => {
    if (!req.url?.endsWith('/keys')) return false;
    const jwk = ({ kid, publicKey }: typeof weak, members: object) => ({
      ...publicKey.export({ format: 'jwk' }),
      kid,
      issuer: `${authority.origin}/{tenantid}/v2.0`,
      ...members,
    });
    const keys = [
      jwk(weak, { use: 'sig' }),
      jwk(forEncryption, { use: 'enc' }),
      jwk(forPss, { use: 'sig', alg: 'PS256' }),
      jwk(withoutUse, {}),
      { kty: 'EC', crv: 'P-256', kid: 'curve', x: 'AA', y: 'AA' },
      { kty: 'RSA', kid: 'broken', n: '!', e: '' },
      { kty: 'RSA', kid: 7, n: 'AA', e: 'AQAB' },
      { kty: 'oct', kid: 'symmetric', k: 'AA' },
      null,
      'key',
      jwk(authority.key, { use: 'sig' }),
    ];
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
    return true;
  };
  app = protect({ tenant: tenantId, testAuthority: authority.origin });
});
afterAll(() => authority.close());

const user = (claims: Claims = {}) => authority.user('Mail.Read', claims);
const application = (claims: Claims = {}) => authority.application(['Mail.Read'], claims);
const v1 = (claims: Claims) => asV1(claims, authority.origin);
const without = (claims: Claims, ...names: string[]) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));
const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const header = (members: Claims = {}) => ({ typ: 'JWT', alg: 'RS256', kid: authority.key.kid, ...members });
const withHeader = (members: Claims) => authority.token(user(), members);
const withText = (payload: string) => signText(JSON.stringify(header()), payload, authority.key.privateKey);
/** The text of a good payload, with members of our own writing at its end. */
const withMembers = (members: string) => withText(`${JSON.stringify(user()).slice(0, -1)},${members}}`);
const input = (head: unknown, claims: Claims = user()) => `${base64url(head)}.${base64url(claims)}`;
const segments = (token: string) => token.split('.') as [string, string, string];

test.each([
  ['v2.0 of a user', () => authority.token(user())],
  ['v2.0 of an application', () => authority.token(application())],
  ['v1.0 of a user', () => authority.token(v1(user()))],
  ['v1.0 of an application', () => authority.token(v1(application()))],
  ['with x5t beside kid, as v1.0 has it', () => authority.token(v1(user()), { x5t: authority.key.kid })],
  ['with members that are not known', () => authority.token(user({ xms_new: { deep: [1, null, true] } }), { new: 1 })],
  ['with a kid of 256 characters that is not published', () => withHeader({ kid: 'k'.repeat(256) }), '401 unknown_key'],
  ['signed with a key that does not say its use', () => authority.token(user(), {}, withoutUse)],
] as [string, () => string, string?][])('a good token, to compare with: %s', async (_name, token, expected = '200') => {
  expect(await answer(app, token())).toBe(expected);
});

type Case = readonly [name: string, token: () => string];

const bad: Readonly<Record<string, readonly Case[]>> = {
  not_a_jwt: [
    ['a word', () => 'garbage'],
    ['one segment', () => base64url(header())],
    ['two segments', () => input(header())],
    ['four segments', () => `${authority.token(user())}.AAAA`],
    ['six segments', () => 'a.b.c.d.e.f'],
    ['two dots', () => '..'],
    ['no header', () => `.${base64url(user())}.AAAA`],
    ['no payload', () => `${base64url(header())}..AAAA`],
    ['padding at its end', () => `${authority.token(user())}==`],
    ['base64 for base64url', () => `${input(header())}.${'+/'.repeat(171)}`],
    ['a tilde', () => `${input(header())}.~~~~`],
    ['a header of impossible length', () => `AAAAA.${base64url(user())}.AAAA`],
    ['a payload of impossible length', () => `${base64url(header())}.AAAAA.AAAA`],
    ['a signature of impossible length', () => `${input(header())}.AAAAA`],
    ['a header that is not JSON', () => `${base64url('header')}.${base64url(user())}.AAAA`],
    ['a header that is an array', () => `${base64url([header()])}.${base64url(user())}.AAAA`],
    ['a header that is null', () => `${base64url('null')}.${base64url(user())}.AAAA`],
    ['a header that is a string', () => `${base64url('"RS256"')}.${base64url(user())}.AAAA`],
    ['a payload that is not JSON', () => withText('claims')],
    ['a payload that is empty', () => withText(' ')],
    ['a payload that is a string', () => withText('"claims"')],
    ['a payload that is an array', () => withText('[{}]')],
    ['a payload that is null', () => withText('null')],
    ['a payload that is a number', () => withText('7')],
    ['a payload with a comment', () => withText(`${JSON.stringify(user())}//`)],
    ['a payload with a byte order mark', () => withText(`\ufeff${JSON.stringify(user())}`)],
    ['a payload cut short', () => withText(JSON.stringify(user()).slice(0, -1))],
    ['a token inside a token', () => withText(authority.token(user()))],
  ],
  encrypted_token: [
    ['five segments', () => `${base64url({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.AAAA.BBBB.CCCC.DDDD`],
    ['five segments with direct encryption', () => `${base64url({ alg: 'dir', enc: 'A256GCM' })}..BBBB.CCCC.DDDD`],
    ['a good token with two segments more', () => `${authority.token(user())}.AAAA.AAAA`],
  ],
  algorithm_not_allowed: [
    ['none without a signature', () => `${input(header({ alg: 'none' }))}.`],
    ['none with the signature', () => withHeader({ alg: 'none' })],
    ['None', () => `${input(header({ alg: 'None' }))}.`],
    ['NONE', () => `${input(header({ alg: 'NONE' }))}.`],
    [
      'HS256 with the public key as the secret',
      () => {
        const secret = authority.key.publicKey.export({ type: 'spki', format: 'pem' });
        const text = input(header({ alg: 'HS256' }));
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      },
    ],
    [
      'HS256 with an empty secret',
      () => {
        const text = input(header({ alg: 'HS256' }));
        return `${text}.${createHmac('sha256', '').update(text).digest('base64url')}`;
      },
    ],
    [
      'RS512, well signed',
      () => {
        const text = input(header({ alg: 'RS512' }));
        return `${text}.${sign('sha512', Buffer.from(text), authority.key.privateKey).toString('base64url')}`;
      },
    ],
    ['PS256, well signed', () => pss({ alg: 'PS256' })],
    ['lower case', () => withHeader({ alg: 'rs256' })],
    ['a blank after it', () => withHeader({ alg: 'RS256 ' })],
    ['a list', () => withHeader({ alg: ['RS256'] })],
    ['null', () => withHeader({ alg: null })],
    ['a number', () => withHeader({ alg: 256 })],
    ['an object', () => withHeader({ alg: { toString: 'RS256' } })],
    ['none at all', () => withHeader({ alg: undefined })],
    ['another name for it', () => withHeader({ alg: undefined, ALG: 'RS256' })],
    ['inherited', () => withHeaderText('{"__proto__":{"alg":"RS256"},"kid":"key-1","typ":"JWT"}')],
  ],
  critical_header: [
    ['crit', () => withHeader({ crit: ['exp'], exp: 1 })],
    ['an empty crit', () => withHeader({ crit: [] })],
    ['crit null', () => withHeader({ crit: null })],
    ['an unencoded payload', () => withHeader({ crit: ['b64'], b64: false })],
  ],
  embedded_key: [
    [
      'jwk, signed with it',
      () => authority.token(user(), { jwk: stranger.publicKey.export({ format: 'jwk' }) }, stranger),
    ],
    ['jku', () => authority.token(user(), { jku: `${authority.origin}/${tenantId}/discovery/v2.0/keys` })],
    ['x5u', () => withHeader({ x5u: 'https://attacker.test/key.pem' })],
    ['x5c', () => withHeader({ x5c: ['MIIB'] })],
    ['jwk null', () => withHeader({ jwk: null })],
  ],
  not_typ_jwt: [
    ['at+jwt', () => withHeader({ typ: 'at+jwt' })],
    ['lower case', () => withHeader({ typ: 'jwt' })],
    ['empty', () => withHeader({ typ: '' })],
    ['null', () => withHeader({ typ: null })],
    ['a list', () => withHeader({ typ: ['JWT'] })],
    ['a proof of possession', () => withHeader({ typ: 'pop' })],
  ],
  missing_key_id: [
    ['no kid', () => withHeader({ kid: undefined })],
    ['x5t only', () => withHeader({ kid: undefined, x5t: authority.key.kid })],
    ['an empty kid', () => withHeader({ kid: '' })],
    ['a kid of 257 characters', () => withHeader({ kid: 'k'.repeat(257) })],
    ['a number', () => withHeader({ kid: 1 })],
    ['null', () => withHeader({ kid: null })],
    ['a list', () => withHeader({ kid: ['key-1'] })],
    ['an object', () => withHeader({ kid: {} })],
    ['another name for it', () => withHeader({ kid: undefined, KID: 'key-1' })],
  ],
  graph_token: [
    ['nonce in the header', () => withHeader({ nonce: 'value' })],
    ['nonce null in the header', () => withHeader({ nonce: null })],
    ['the address of Graph as audience', () => authority.token({ ...v1(user()), aud: 'https://graph.microsoft.com' })],
    ['with a trailing slash', () => authority.token({ ...v1(user()), aud: 'https://graph.microsoft.com/' })],
    ['the client id of Graph', () => authority.token(user({ aud: '00000003-0000-0000-c000-000000000000' }))],
  ],
  duplicate_member: [
    ['two roles', () => withMembers('"roles":["Admin"],"roles":[]')],
    ['tid twice, the same', () => withMembers(`"tid":"${tenantId}"`)],
    ['tid and TID', () => withMembers(`"TID":"${tenantId}"`)],
    ['scp and Scp', () => withMembers('"Scp":"Admin"')],
    ['an escaped name', () => withMembers(`"t\\u0069d":"${tenantId}"`)],
    ['an escaped name in upper case', () => withMembers(`"\\u0054id":"${tenantId}"`)],
    ['an escaped slash in a name', () => withMembers('"a/b":1,"a\\/b":2')],
    ['blanks around the colon', () => withMembers(`"tid"\n\t :\r "${tenantId}"`)],
    [
      'after nested objects and strings with braces',
      () => withMembers('"x":{"tid":1,"y":["}","\\"{"]},"z":"\\\\","tid":1'),
    ],
    ['__proto__ twice', () => withMembers('"__proto__":1,"__proto__":2')],
    ['an empty name twice', () => withMembers('"":1,"":2')],
    ['alg twice', () => withHeaderText('{"alg":"none","typ":"JWT","kid":"key-1","alg":"RS256"}')],
    ['alg and ALG', () => withHeader({ ALG: 'none' })],
    ['kid and Kid', () => withHeader({ Kid: 'other' })],
  ],
  id_token: [
    ['nonce', () => authority.token(user({ nonce: 'n' }))],
    ['at_hash', () => authority.token(user({ at_hash: 'h' }))],
    ['c_hash', () => authority.token(user({ c_hash: 'h' }))],
    ['nonce null', () => authority.token(user({ nonce: null }))],
    ['no client and no scope', () => authority.token(without(user(), 'azp', 'azpacr', 'scp'))],
    [
      'no client and no scope, with roles',
      () => authority.token(without(user({ roles: ['Mail.Read'] }), 'azp', 'scp')),
    ],
    ['the same in v1.0', () => authority.token(without(v1(user()), 'appid', 'appidacr', 'scp'))],
    ['an application with a nonce', () => authority.token(application({ nonce: 'n' }))],
  ],
  bound_token: [
    ['cnf with a key', () => authority.token(user({ cnf: { jwk: {} } }))],
    ['cnf with a certificate', () => authority.token(application({ cnf: { 'x5t#S256': 'h' } }))],
    ['cnf null', () => authority.token(user({ cnf: null }))],
  ],
  wrong_issuer: [
    ['another host', () => authority.token(user({ iss: `https://attacker.test/${tenantId}/v2.0` }))],
    ['a slash more', () => authority.token(user({ iss: `${authority.origin}/${tenantId}/v2.0/` }))],
    ['a slash less in v1.0', () => authority.token({ ...v1(user()), iss: `${authority.origin}/${tenantId}` })],
    ['the version left out', () => authority.token(user({ iss: `${authority.origin}/${tenantId}` }))],
    ['the template', () => authority.token(user({ iss: `${authority.origin}/{tenantid}/v2.0` }))],
    [
      'a host that begins like ours',
      () => authority.token(user({ iss: `${authority.origin}.attacker.test/${tenantId}/v2.0` })),
    ],
    ['another case', () => authority.token(user({ iss: `${authority.origin}/${tenantId}/V2.0` }))],
    ['the real Entra', () => authority.token(user({ iss: `https://login.microsoftonline.com/${tenantId}/v2.0` }))],
  ],
  wrong_audience: [
    ['another client id', () => authority.token(user({ aud: 'a0000000-0000-4000-8000-0000000000a2' }))],
    ['another API', () => authority.token({ ...v1(user()), aud: 'api://other' })],
    ['v2.0 with the App ID URI', () => authority.token(user({ aud: `api://${clientId}` }))],
    ['v2.0 with a slash', () => authority.token(user({ aud: `${clientId}/` }))],
    ['v1.0 with two slashes', () => authority.token({ ...v1(user()), aud: `api://${clientId}//` })],
    ['v1.0 with a path', () => authority.token({ ...v1(user()), aud: `api://${clientId}/mail` })],
    ['a longer one', () => authority.token(user({ aud: `${clientId}0` }))],
    ['a blank', () => authority.token(user({ aud: ` ${clientId}` }))],
    ['upper case', () => authority.token(user({ aud: clientId.toUpperCase() }))],
  ],
  unknown_key: [
    ['a kid that is not published', () => withHeader({ kid: 'other' })],
    ['a kid in another case', () => withHeader({ kid: 'KEY-1' })],
    ['__proto__ as kid', () => withHeader({ kid: '__proto__' })],
    ['constructor as kid', () => withHeader({ kid: 'constructor' })],
    ['a key of less than 2048 bits', () => authority.token(user(), {}, weak)],
    ['a key for encryption', () => authority.token(user(), {}, forEncryption)],
    ['a key for another algorithm', () => authority.token(user(), {}, forPss)],
    ['a key on a curve', () => withHeader({ kid: 'curve' })],
    ['a key that cannot be read', () => withHeader({ kid: 'broken' })],
    ['a symmetric key', () => withHeader({ kid: 'symmetric' })],
  ],
  bad_signature: [
    ['the signature of a stranger under our kid', () => authority.token(user(), {}, stranger)],
    ['no signature', () => `${input(header())}.`],
    ['one bit less', () => flipped(authority.token(user()))],
    ['zeros', () => `${input(header())}.${Buffer.alloc(256).toString('base64url')}`],
    ['a signature cut short', () => authority.token(user()).slice(0, -8)],
    ['a signature with a byte more', () => `${authority.token(user())}AAAA`],
    ['PSS under the name of RS256', () => pss()],
    [
      'SHA-512 under the name of RS256',
      () =>
        `${input(header())}.${sign('sha512', Buffer.from(input(header())), authority.key.privateKey).toString('base64url')}`,
    ],
    [
      'SHA-1',
      () =>
        `${input(header())}.${sign('sha1', Buffer.from(input(header())), authority.key.privateKey).toString('base64url')}`,
    ],
    ['the payload of another token', () => swapped(user(), application(), 1)],
    ['the header of another token', () => swapped(user(), user(), 0, { x5t: 'y' })],
    ['more roles', () => swapped(application(), application({ roles: ['Mail.Read', 'Admin'] }), 1)],
    ['another lifetime', () => swapped(user(), user({ exp: 9_999_999_999 }), 1)],
  ],
};

function pss(members: Claims = {}): string {
  const text = input(header(members));
  const options = { key: authority.key.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  return `${text}.${sign('sha256', Buffer.from(text), options).toString('base64url')}`;
}

function withHeaderText(text: string): string {
  return signText(text, JSON.stringify(user()), authority.key.privateKey);
}

function flipped(token: string): string {
  const [head, payload, signature] = segments(token);
  const bytes = Buffer.from(signature, 'base64url');
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  return `${head}.${payload}.${bytes.toString('base64url')}`;
}

/** A good token with one segment of another good one. */
function swapped(claims: Claims, other: Claims, position: 0 | 1, members: Claims = {}): string {
  const parts = segments(authority.token(claims));
  parts[position] = segments(authority.token(other, members))[position];
  return parts.join('.');
}

describe.each(Object.entries(bad))('401 %s', (code, cases) => {
  test.each(cases)('%s', async (_name, token) => {
    const res = await get(app, token());
    expect([res.status, res.body.code]).toEqual([401, code]);
    expect(res.headers['www-authenticate']).toBe(
      `Bearer realm="${clientId}", error="invalid_token", error_description="${res.body.detail.replaceAll('"', "'")}"`,
    );
  });

  test('is told even where no grant would need a caller', async () => {
    expect((await get(app, cases[0]?.[1]() ?? '', '/who')).body.code).toBe(code);
  });
});

describe('401 invalid_claim', () => {
  const guid = '0b000000-0000-4000-8000-00000000000f';
  const odd = [null, true, 0, 1.5, '', 'text', [], ['text'], {}, { a: 1 }];
  const notAString = odd.filter((value) => typeof value !== 'string');
  const notAGuid = [...odd, `{${guid}}`, `${guid} `, guid.replaceAll('-', ''), `${guid}\n`, [guid]];
  const notATime = [...odd.filter((value) => typeof value !== 'number'), '1760000000', ['1760000000']];
  const notTyped: Readonly<Record<string, readonly unknown[]>> = {
    ver: [...odd, '3.0', '1', '2', 2, '2.0 '],
    iss: [...notAString, ''],
    aud: [...notAString, '', [clientId]],
    tid: notAGuid,
    oid: notAGuid,
    sub: [...notAString, ''],
    azp: notAGuid,
    azpacr: notAString,
    iat: notATime,
    nbf: notATime,
    exp: notATime,
    scp: [...notAString, ['Mail.Read']],
    roles: [...odd.filter((value) => !Array.isArray(value)), 'Mail.Read', ['Mail.Read', null], [['Mail.Read']], [1]],
    idtyp: notAString,
    acct: [...odd.filter((value) => value !== 0), 2, '2', '01', -1],
    idp: notAString,
    uti: notAString,
    xms_act_fct: [...notAString, ['11']],
    xms_sub_fct: [...notAString, ['11']],
    xms_idrel: [...notAString, 5],
    xms_par_app_azp: notAGuid,
  };

  test.each(
    Object.entries(notTyped).flatMap(([name, values]) =>
      values.map((value) => [name, JSON.stringify(value), value] as const),
    ),
  )('%s is %s', async (name, _shown, value) => {
    expect(await answer(app, authority.token(user({ [name]: value })))).toBe('401 invalid_claim');
  });

  test.each(['ver', 'iss', 'aud', 'tid', 'oid', 'sub', 'azp', 'iat', 'nbf', 'exp'])('%s is missing', async (name) => {
    expect(await answer(app, authority.token(without(user(), name)))).toBe('401 invalid_claim');
  });

  test.each([
    ['azp and appid in v2.0', () => user({ appid: 'c0000000-0000-4000-8000-0000000000c1' })],
    ['azp and appid in v1.0', () => ({ ...v1(user()), azp: 'c0000000-0000-4000-8000-0000000000c1' })],
    ['an application without azp', () => without(application(), 'azp')],
    ['a version to come, in the shape of v1.0', () => ({ ...v1(user()), ver: '3.0' })],
    ['a version without its point, in the shape of v1.0', () => ({ ...v1(user()), ver: '1' })],
    ['no version, in the shape of v1.0', () => without(v1(user()), 'ver')],
    ['appid in v2.0', () => without(user({ appid: 'c0000000-0000-4000-8000-0000000000c1' }), 'azp')],
    ['azp in v1.0', () => without({ ...v1(user()), azp: 'c0000000-0000-4000-8000-0000000000c1' }, 'appid')],
    [
      'nbf later than exp',
      () => user({ nbf: Math.floor(Date.now() / 1000) + 200, exp: Math.floor(Date.now() / 1000) + 100 }),
    ],
    ['an oid that only the prototype would have', () => without(user(), 'oid')],
  ])('%s', async (_name, claims) => {
    expect(await answer(app, authority.token(claims()))).toBe('401 invalid_claim');
  });

  test.each(['1e400', '-1e400', '1e999999'])('exp is a number beyond all bounds: %s', async (number) => {
    const payload = JSON.stringify(user({ exp: 'here' })).replace('"here"', number);
    expect(await answer(app, withText(payload))).toBe('401 invalid_claim');
  });

  test('claims inherited through __proto__ are not claims', async () => {
    const payload = JSON.stringify(without(user(), 'oid', 'sub')).slice(0, -1);
    expect(await answer(app, withText(`${payload},"__proto__":{"oid":"${guid}","sub":"s"}}`))).toBe(
      '401 invalid_claim',
    );
  });
});

describe('nothing that a token holds is an error of the API', () => {
  test.each([
    ['arrays', '[', ']', 8_500],
    ['objects', '{"a":', '}', 3_500],
  ])('a payload of thousands of nested %s, good or forged', async (_name, open, close, depth) => {
    const nested = `"x":${open.repeat(depth)}${open === '[' ? '' : '1'}${close.repeat(depth)}`;
    const token = withMembers(nested);
    expect(await statusWithLargeHeaders(token)).toBe(200);
    expect(await statusWithLargeHeaders(flipped(token))).toBe(401);
  });

  test('bytes that are not UTF-8', async () => {
    const text = Buffer.concat([
      Buffer.from(JSON.stringify(user({ name: 'x' })).replace('"x"', '"')),
      Buffer.from([0xff, 0xc0, 0x80]),
      Buffer.from('"}'),
    ]);
    const unsigned = `${base64url(header())}.${text.toString('base64url')}`;
    expect((await get(app, `${unsigned}.AAAA`)).status).toBe(401);
  });

  test.each(['\\ud800', '\\u0000', '\\uffff', '\\u202e'])(
    'a string with %s in every claim that is text',
    async (char) => {
      for (const name of ['iss', 'aud', 'sub', 'scp', 'idtyp', 'idp', 'uti', 'xms_act_fct']) {
        const payload = JSON.stringify(user({ [name]: 'here' })).replace('"here"', `"${char}"`);
        expect([200, 401, 403]).toContain((await get(app, withText(payload))).status);
      }
    },
  );
});

async function statusWithLargeHeaders(credential: string): Promise<number> {
  const lines = ['GET /mail HTTP/1.1', 'Host: api.test', 'Connection: close', `Authorization: Bearer ${credential}`];
  return Number((await sendRaw(app, lines, { maxHeaderSize: 100_000 })).slice(9, 12));
}
