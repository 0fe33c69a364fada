import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { bearer, requireScope } from './scope-check.js';

/** Its synchronous form, which is its faster one. The fetcher of its own accepts https alone. */
export async function create({ keys, issuer, clientId, scope }) {
  const fetcher = { fetch: async (uri) => (await fetch(uri)).arrayBuffer() };
  const verifier = JwtVerifier.create(
    { issuer, audience: clientId, jwksUri: keys },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  );
  await verifier.hydrate();
  const verify = (token) => verifier.verifySync(token);
  return { verify, middlewares: [bearer(verify), requireScope(scope)] };
}
