import { createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import { Refusal, type RefusalCode } from '../errors/index.js';
import { isWellFormed } from './credential.js';
import { hasAmbiguousMembers } from './json-members.js';

/** A JSON object, as it was written and as it is read. */
export interface JsonObject {
  readonly text: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/** A compact JWS (RFC 7515 section 7.1) that has been taken apart. Nothing in it is proven before `hasValidSignature`. */
export interface ParsedJws {
  readonly kid: string;
  readonly payload: JsonObject;
  readonly signingInput: string;
  readonly signature: Buffer;
}

const maxKidLength = 256;

/**
 * Takes a compact JWS apart and holds its header against what Entra signs. No cryptography happens here, so that garbage is
 * cheap to refuse.
 *
 * @throws Refusal one code for each reason
 */
export function parseJws(token: string, headers: HeaderReader): ParsedJws {
  const firstDot = token.indexOf('.');
  const lastDot = token.indexOf('.', firstDot + 1);
  if (firstDot < 0 || lastDot < 0 || token.includes('.', lastDot + 1)) throw new Refusal(whyNoJws(token));
  return {
    kid: headers.keyId(token, firstDot),
    payload: parseSegment(token, firstDot + 1, lastDot),
    signingInput: token.slice(0, lastDot),
    signature: decodeSegment(token, lastDot + 1, token.length),
  };
}

/**
 * Reads headers: RS256 and nothing else, a `kid`, no `crit`, no key of its own. State: the last header that was right, as it
 * was written, for an authority signs the tokens of many days with one.
 */
export class HeaderReader {
  private segment = '';
  private kid = '';

  keyId(token: string, end: number): string {
    const segment = token.slice(0, end);
    if (segment !== this.segment || segment === '') {
      this.kid = checkHeader(parseSegment(token, 0, end).members);
      // A copy: a slice would keep the whole token in memory.
      this.segment = Buffer.from(segment, 'latin1').toString('latin1');
    }
    return this.kid;
  }
}

/** A credential of other characters is malformed as such (400); one in these characters may be something else than a JWS (401). */
function whyNoJws(token: string): RefusalCode {
  if (!isWellFormed(token)) return 'malformed_credential';
  return token.split('.').length === 5 ? 'encrypted_token' : 'not_a_jwt';
}

/** RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3). */
export function hasValidSignature({ signingInput, signature }: ParsedJws, key: KeyObject): boolean {
  return createVerify('sha256').update(signingInput, 'latin1').verify(key, signature);
}

/**
 * The public key of a JWK, where it is one that can have signed an access token: RSA of at least 2048 bits (RFC 7518
 * section 3.3), for signatures, not marked for another algorithm. Undefined for any other.
 */
export function importKey(jwk: Readonly<Record<string, unknown>>): KeyObject | undefined {
  const { kty, n, e, use = 'sig', alg = 'RS256' } = jwk;
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256' || typeof n !== 'string' || typeof e !== 'string')
    return undefined;
  try {
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    return (key.asymmetricKeyDetails?.modulusLength ?? 0) >= 2048 ? key : undefined;
  } catch {
    return undefined;
  }
}

function checkHeader(header: Readonly<Record<string, unknown>>): string {
  if (header.alg !== 'RS256') throw new Refusal('algorithm_not_allowed');
  if ('crit' in header) throw new Refusal('critical_header');
  if ('jwk' in header || 'jku' in header || 'x5u' in header || 'x5c' in header) throw new Refusal('embedded_key');
  if ('nonce' in header) throw new Refusal('graph_token');
  if (header.typ !== undefined && header.typ !== 'JWT') throw new Refusal('not_typ_jwt');
  const { kid } = header;
  if (typeof kid !== 'string' || kid === '' || kid.length > maxKidLength) throw new Refusal('missing_key_id');
  return kid;
}

function parseSegment(token: string, start: number, end: number): JsonObject {
  const text = decodeSegment(token, start, end).toString('utf8');
  if (!text.startsWith('{')) throw new Refusal('not_a_jwt');
  const members = parseJson(text);
  if (hasAmbiguousMembers(text, members)) throw new Refusal('duplicate_member');
  return { text, members };
}

/**
 * Strict base64url without padding (RFC 7515 section 2). Node's decoder skips characters that it does not know, which the
 * length shows, and takes those of plain base64 as well.
 */
function decodeSegment(token: string, start: number, end: number): Buffer {
  const segment = token.slice(start, end);
  const bytes = Buffer.from(segment, 'base64url');
  const isStrict =
    segment.length % 4 !== 1 &&
    bytes.length === Math.floor((segment.length * 3) / 4) &&
    !segment.includes('+') &&
    !segment.includes('/');
  if (!isStrict) throw new Refusal(isWellFormed(token) ? 'not_a_jwt' : 'malformed_credential');
  return bytes;
}

function parseJson(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    throw new Refusal('not_a_jwt');
  }
}
