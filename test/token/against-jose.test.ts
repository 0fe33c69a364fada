import { createHmac, createPublicKey, sign, verify } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { HeaderReader, hasValidSignature, importKey, parseJws } from '../../src/token/jws.js';
import { type Claims, makeKey, signText } from '../support/authority.js';

const { privateKey, publicKey } = makeKey('key-1');
const stranger = makeKey('key-1');
const rounds = 12_000;

/** A reproducible source of numbers from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = seeded(20_260_101);
const below = (limit: number) => Math.floor(random() * limit);
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)] as T;

const header = { typ: 'JWT', alg: 'RS256', kid: 'key-1' };
const claims = { sub: 'subject', aud: 'audience', nbf: 1, exp: 9_999_999_999 };
const signed = (head: Claims, payload: Claims) => signText(JSON.stringify(head), JSON.stringify(payload), privateKey);
const good = Array.from({ length: 20 }, (_, i) => signed(header, { ...claims, i }));
const encode = (text: string) => Buffer.from(text).toString('base64url');

/** Headers and texts that are well signed and yet not what RS256 tokens of Entra look like, next to some that are. */
const odd = [
  ...[
    undefined,
    'none',
    'None',
    'rs256',
    'HS256',
    'RS384',
    'RS512',
    'PS256',
    'ES256',
    'EdDSA',
    '',
    null,
    ['RS256'],
    {},
  ].map((alg) => signed({ ...header, alg }, claims)),
  ...[[], ['exp'], ['b64'], 'b64', null].map((crit) => signed({ ...header, crit, b64: false }, claims)),
  signed({ ...header, b64: false }, claims),
  signed({ ...header, zip: 'DEF' }, claims),
  signed({ ...header, cty: 'JWT' }, claims),
  signed({ alg: 'RS256', kid: 'key-1' }, claims),
  signText('{"alg":"none","typ":"JWT","kid":"key-1","alg":"RS256"}', JSON.stringify(claims), privateKey),
  ...[
    '',
    ' ',
    'null',
    '[]',
    '"text"',
    '7',
    '{',
    '{}',
    '{}{}',
    '\ufeff{}',
    '\u0000{}',
    ' {} ',
    '{"exp":1,"exp":9999999999}',
  ].map((payload) => signText(JSON.stringify(header), payload, privateKey)),
  ...['', 'null', '[]', '"RS256"', ' {"alg":"RS256","kid":"key-1"} '].map((head) =>
    signText(head, JSON.stringify(claims), privateKey),
  ),
  signText(JSON.stringify(header), JSON.stringify(claims), stranger.privateKey),
  ...['sha1', 'sha384', 'sha512'].map((digest) => signedBy((text) => sign(digest, text, privateKey))),
  signedBy((text) => sign('sha256', text, { key: privateKey, padding: 6, saltLength: 32 })),
  signedBy((text) =>
    createHmac('sha256', publicKey.export({ type: 'spki', format: 'pem' }))
      .update(text)
      .digest(),
  ),
];

function signedBy(signature: (text: Buffer) => Buffer): string {
  const text = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
  return `${text}.${signature(Buffer.from(text)).toString('base64url')}`;
}

type Mutation = (token: string) => string;

const mutations: Readonly<Record<string, Mutation>> = {
  'nothing is changed': (token) => token,
  'a bit of a segment is flipped': (token) => {
    const parts = token.split('.');
    const which = below(3);
    const bytes = Buffer.from(parts[which] ?? '', 'base64url');
    if (bytes.length === 0) return token;
    const at = below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
    parts[which] = bytes.toString('base64url');
    return parts.join('.');
  },
  'a character is replaced': (token) => replaceAt(token, below(token.length), oneOf([...'AZaz09-_+/=. %\t\n\0.é'])),
  'the last character of a segment is replaced': (token) => {
    const ends = [token.indexOf('.') - 1, token.lastIndexOf('.') - 1, token.length - 1];
    return replaceAt(
      token,
      oneOf(ends),
      oneOf([...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']),
    );
  },
  'a character is taken out': (token) => replaceAt(token, below(token.length), ''),
  'a character is put in': (token) => {
    const at = below(token.length);
    return `${token.slice(0, at)}${oneOf([...'A=.\n \t+/-_~'])}${token.slice(at)}`;
  },
  'it is cut short': (token) => token.slice(0, below(token.length)),
  'it is cut at its head': (token) => token.slice(below(token.length)),
  'something follows': (token) =>
    token + oneOf(['=', '==', '===', 'A', 'AA', 'AAAA', '.', '..', ' ', '\n', '\0', '.AAAA']),
  'something goes before': (token) => oneOf(['=', 'A', '.', ' ', '\n', '\ufeff', 'Bearer ']) + token,
  'a segment is padded': (token) => inSegment(token, (segment) => segment + oneOf(['=', '==', '===', 'A=', 'AA=='])),
  'a segment is in base64': (token) =>
    inSegment(token, (segment) => segment.replaceAll('-', '+').replaceAll('_', '/') + oneOf(['', '=', '=='])),
  'a segment is empty': (token) => inSegment(token, () => ''),
  'a segment is doubled': (token) => inSegment(token, (segment) => segment + segment),
  'a segment is encoded twice': (token) => inSegment(token, encode),
  'a segment is broken by a line': (token) =>
    inSegment(token, (segment) => `${segment.slice(0, 20)}\n${segment.slice(20)}`),
  'two segments change places': (token) => {
    const [a = '', b = '', c = ''] = token.split('.');
    return oneOf([
      [b, a, c],
      [a, c, b],
      [c, b, a],
    ]).join('.');
  },
  'a segment of another token': (token) => {
    const parts = token.split('.');
    const which = below(3);
    parts[which] = oneOf([...good, ...odd]).split('.')[which] ?? '';
    return parts.join('.');
  },
  'another header, not signed': (token) =>
    [
      encode(JSON.stringify({ ...header, alg: oneOf(['none', 'HS256', 'RS512', '']) })),
      ...token.split('.').slice(1),
    ].join('.'),
  'other claims, not signed': (token) => {
    const [head, , signature] = token.split('.');
    return `${head}.${encode(JSON.stringify({ ...claims, roles: ['Admin'], i: below(20) }))}.${signature}`;
  },
  'the letters change case': (token) => (random() < 0.5 ? token.toUpperCase() : token.toLowerCase()),
};

function replaceAt(token: string, at: number, char: string): string {
  return token.slice(0, at) + char + token.slice(at + 1);
}

function inSegment(token: string, change: (segment: string) => string): string {
  const parts = token.split('.');
  const which = below(parts.length);
  parts[which] = change(parts[which] ?? '');
  return parts.join('.');
}

function isAcceptedHere(token: string): boolean {
  try {
    return hasValidSignature(parseJws(token, headers), publicKey);
  } catch (error) {
    expect(error).toMatchObject({
      name: 'Refusal',
      status: expect.toSatisfy((status) => status === 400 || status === 401),
    });
    return false;
  }
}

async function isAcceptedByJose(token: string): Promise<boolean> {
  try {
    await jwtVerify(token, publicKey, { algorithms: ['RS256'] });
    return true;
  } catch {
    return false;
  }
}

/** One for all tokens, as in a verifier: what it remembers is part of what is tested. */
const headers = new HeaderReader();

describe('beside jose, with the same key', () => {
  test(`nothing is accepted that jose refuses, in ${rounds} mutated tokens`, async () => {
    const [names, sources] = [Object.keys(mutations), [...good, ...good, ...odd]];
    const accepted = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const name = names[round % names.length] as string;
      const token = (mutations[name] as Mutation)(oneOf(sources));
      if (!isAcceptedHere(token)) continue;
      accepted.set(name, (accepted.get(name) ?? 0) + 1);
      expect({ name, token, jose: await isAcceptedByJose(token) }).toEqual({ name, token, jose: true });
    }
    expect(accepted.get('nothing is changed')).toBeGreaterThan(100);
  });

  test('what jose accepts and this library does not is of a few kinds', async () => {
    const differing = [];
    for (const token of [...good, ...odd]) {
      if ((await isAcceptedByJose(token)) && !isAcceptedHere(token)) differing.push(refusalOf(token));
    }
    // Two members of one name, in header or payload; a byte order mark before the payload.
    expect(new Set(differing)).toEqual(new Set(['duplicate_member', 'not_a_jwt']));
  });

  test('accepted signatures are those that node accepts over the segments as they were sent', () => {
    for (const token of good) {
      const [head, payload, signature] = token.split('.') as [string, string, string];
      expect(verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
        true,
      );
      expect(isAcceptedHere(token)).toBe(true);
    }
  });
});

function refusalOf(token: string): string {
  try {
    parseJws(token, headers);
    return 'signature';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('the RS256 example of RFC 7515, appendix A.2', () => {
  const jwk = {
    kty: 'RSA',
    n: [
      'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32',
      '690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK',
      '-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
    ].join(''),
    e: 'AQAB',
  };
  const signature = [
    'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB',
    '--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6',
    'LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
  ].join('');
  const payload = '{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}';
  const jws = (text: string) => ({
    kid: '',
    payload: { text: '{}', members: {} },
    signingInput: `${encode('{"alg":"RS256"}')}.${encode(text)}`,
    signature: Buffer.from(signature, 'base64url'),
  });

  test('verifies, and does not with another payload', () => {
    const key = importKey(jwk) ?? createPublicKey('no key');
    expect(hasValidSignature(jws(payload), key)).toBe(true);
    expect(hasValidSignature(jws(payload.replace('true', 'null')), key)).toBe(false);
  });
});
