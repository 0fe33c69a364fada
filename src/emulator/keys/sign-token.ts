import { sign } from 'node:crypto';
import type { SigningKey } from './signing-key.js';

/** Signs any claims as Entra signs an access token: RS256, `kid` in the header, and for v1.0 the legacy `x5t` as well. */
export function signToken(claims: Readonly<Record<string, unknown>>, key: SigningKey): string {
  const header = { typ: 'JWT', alg: 'RS256', ...(claims.ver === '1.0' && { x5t: key.kid }), kid: key.kid };
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
