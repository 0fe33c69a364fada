import { ConfigurationError } from '../errors/index.js';
import { findState, type Middleware, named } from '../express/index.js';

/**
 * Says that a guard calls `admit` before every handler after this, where routes cannot have `allow` of their own (NestJS).
 * Without it each of those routes is refused as undeclared before the guard is asked.
 *
 * It loosens one thing: the handler of an undeclared route that such a guard does not stand before runs, and its answer is then
 * replaced by a 500, unless the request was let in.
 *
 * ```ts
 * app.use(authenticate({ tenant, clientId, permissions }), leftToGuard());
 * ```
 */
export function leftToGuard(): Middleware {
  return named('leftToGuard', (req, _res, next) => {
    const state = findState(req);
    if (state === undefined) {
      return next(
        new ConfigurationError('leftToGuard() stands after authenticate: app.use(authenticate({ … }), leftToGuard()).'),
      );
    }
    state.isLeftToGuard = true;
    next();
  });
}
