import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { clientId, issuer, scope, tenantId } from './names.js';

const kid = 'MmQzYWY0YjE2ZTc1NGQ5ZmE4YzI0';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const header = encode({ typ: 'JWT', alg: 'RS256', kid });

export const jwk = { ...publicKey.export({ format: 'jwk' }), use: 'sig', kid, x5t: kid, issuer };

/** A v2.0 access token of a user, about 2 kB as Entra sends them; every number gives another user and another token. */
export function makeToken(number, changes = {}) {
  const input = `${header}.${encode({ ...claims(number), ...changes })}`;
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

/** The same token with a signature of the right length that is none. */
export function withBadSignature(token) {
  return `${token.slice(0, token.lastIndexOf('.') + 1)}${randomBytes(256).toString('base64url')}`;
}

/** Noise in three base64url segments as long as those of a token. */
export function makeGarbage(length) {
  const noise = randomBytes(length).toString('base64url');
  return `${noise.slice(0, 90)}.${noise.slice(90, length - 343)}.${noise.slice(length - 343, length - 2)}`;
}

function claims(number) {
  const text = (name, length) =>
    createHash('shake256', { outputLength: length }).update(`${name} ${number}`).digest('base64url').slice(0, length);
  const guid = (name) =>
    createHash('sha256')
      .update(`${name} ${number}`)
      .digest('hex')
      .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  const now = Math.floor(Date.now() / 1000);
  return {
    aud: clientId,
    iss: issuer,
    iat: now,
    nbf: now,
    exp: now + 6 * 3600,
    aio: text('aio', 96),
    azp: 'c7d3a1b2-0e4f-4a6b-9c8d-1e2f3a4b5c6d',
    azpacr: '1',
    email: `user${number}@contoso.com`,
    family_name: `Lovelace ${number}`,
    given_name: 'Ada',
    groups: [guid('group a'), guid('group b'), guid('group c'), guid('group d')],
    idtyp: 'user',
    ipaddr: '203.0.113.7',
    name: `Ada Lovelace ${number}`,
    oid: guid('oid'),
    preferred_username: `user${number}@contoso.com`,
    rh: text('rh', 60),
    roles: ['Order.Approver', 'Order.Auditor'],
    scp: `${scope} Order.ReadWrite Invoice.Read Customer.Read`,
    sid: guid('sid'),
    sub: text('sub', 43),
    tid: tenantId,
    uti: text('uti', 22),
    ver: '2.0',
    wids: [guid('wid')],
    xms_ftd: text('ftd', 60),
    xms_idrel: '1 6',
    xms_tcdt: 1_589_391_022,
  };
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
