import { readClaims, type TokenClaims } from './claims.js';
import { HeaderReader, parseJws } from './jws.js';

/**
 * What a token says, without any proof: anyone can write such a token. To be shown to a developer and marked so, never to decide by.
 *
 * @throws Refusal where it is no access token that could be verified
 */
export function unverifiedClaims(token: string): TokenClaims {
  return readClaims(parseJws(token, new HeaderReader()).payload);
}
