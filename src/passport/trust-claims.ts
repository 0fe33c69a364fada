import type { Request } from 'express';
import type { Caller } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import {
  type AuthenticateOptions,
  authentication,
  checkOptions,
  type Middleware,
  named,
  refuse,
  settle,
} from '../express/index.js';

/** Options of `trustClaims`: those of `authenticate`, without what reads tokens and fetches keys. */
export type TrustClaimsOptions = AuthenticateOptions & {
  /** The claims of a token that other code has verified for this very request; undefined where there was no token. */
  claims(req: Request): object | undefined;
};

const withoutEffect = ['tokenHeader', 'fetch', 'staleKeys', 'ownSigningKeys', 'cache'] as const;

/**
 * Like `authenticate`, for claims that other code has verified: a step on the way from express-jwt, express-oauth2-jwt-bearer,
 * or a strategy that cannot be wrapped with `adopt`.
 *
 * The signature is NOT checked, nor the token's header, nor whether the signing key was withdrawn: whoever can put claims where
 * `claims` finds them can call as anyone. Do not take `req.user`, which a session fills as well. Everything else is checked as
 * `authenticate` does: claim types, ID tokens, issuer against `tid` and `ver`, tenant, audience, lifetime, who is calling.
 *
 * After `auth()` of express-oauth2-jwt-bearer, with `Verified` for a `Request` that has its `auth`:
 *
 * ```ts
 * app.use(trustClaims({ tenant, clientId, permissions, claims: (req: Verified) => req.auth?.payload }));
 * ```
 *
 * @throws ConfigurationError where an option is missing, unknown or has no effect here
 */
export function trustClaims({ claims, ...options }: TrustClaimsOptions): Middleware {
  if (typeof claims !== 'function') {
    throw new ConfigurationError('trustClaims: claims is missing. Give it (req) => the claims that were verified.');
  }
  for (const name of withoutEffect) {
    if (options[name] !== undefined) {
      throw new ConfigurationError(`trustClaims: ${name} has no effect, for no token is read here. Leave it out.`);
    }
  }
  checkOptions(options);
  const { verifier, begin, notDenied } = authentication(options);

  async function findCaller(req: Request): Promise<Caller | undefined> {
    const given: unknown = claims(req);
    if (given === undefined || given === null) return undefined;
    if (typeof given !== 'object' || given instanceof Promise) {
      throw new ConfigurationError('trustClaims: claims must give an object, the claims of the token, or undefined.');
    }
    return notDenied(await verifier.trust(given));
  }

  return named('trustClaims', (req, res, next) => {
    const state = begin(req, res);
    settle(
      () => findCaller(req as Request),
      (caller) => {
        state.caller = caller;
        next();
      },
      (error) => refuse(req, res, next, error),
    );
  });
}
