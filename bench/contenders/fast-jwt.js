import { createPublicKey } from 'node:crypto';
import { createVerifier } from 'fast-jwt';
import { bearer, requireScope } from './scope-check.js';

/** It fetches no keys: it is given one. */
export async function create({ jwk, issuer, clientId, scope }, { cache = 10_000 } = {}) {
  const { kty, n, e } = jwk;
  const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const verify = createVerifier({ key, algorithms: ['RS256'], allowedIss: issuer, allowedAud: clientId, cache });
  return { verify, middlewares: [bearer(verify), requireScope(scope)] };
}
