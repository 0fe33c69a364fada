import { constants, type KeyObject, verify } from 'node:crypto';

/**
 * A JWT that stands for a client or a user (RFC 7521), taken apart. Nothing in it is proven before `isSignedWith`.
 * Read with node:crypto alone: libraries for it are published as ES modules, which Jest with CommonJS cannot load.
 */
export interface Assertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signingInput: string;
  readonly signature: Buffer;
}

/** Undefined for what is no compact JWS (RFC 7515 section 7.1) of a JSON object. */
export function parseAssertion(text: string): Assertion | undefined {
  const [, header, payload, signature] = /^([\w-]+)\.([\w-]+)\.([\w-]*)$/.exec(text) ?? [];
  if (header === undefined || payload === undefined || signature === undefined) {
    return undefined;
  }
  const [headerMembers, claims] = [members(header), members(payload)];
  return (
    headerMembers &&
    claims && {
      header: headerMembers,
      claims,
      signingInput: `${header}.${payload}`,
      signature: Buffer.from(signature, 'base64url'),
    }
  );
}

function members(segment: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** RS256, or PS256 where that is allowed as well (RFC 7518 sections 3.3 and 3.5). */
export function isSignedWith(
  { header, signingInput, signature }: Assertion,
  key: KeyObject,
  algorithms: readonly ('RS256' | 'PS256')[],
): boolean {
  const algorithm = algorithms.find((each) => each === header.alg);
  if (algorithm === undefined || 'crit' in header || key.asymmetricKeyType !== 'rsa') {
    return false;
  }
  const padding =
    algorithm === 'PS256'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : { padding: constants.RSA_PKCS1_PADDING };
  return verify('sha256', Buffer.from(signingInput), { key, ...padding }, signature);
}

/**
 * Whether it has not expired (`exp` must be there), and is not from the future (`nbf`, where it is there).
 *
 * @param now in milliseconds
 * @param tolerance in seconds
 */
export function isInTime({ claims: { exp, nbf } }: Assertion, now: number, tolerance = 0): boolean {
  const seconds = Math.floor(now / 1000);
  const isStarted = nbf === undefined || (typeof nbf === 'number' && nbf <= seconds + tolerance);
  return isStarted && typeof exp === 'number' && exp > seconds - tolerance;
}
