import { declare } from './declaration.js';
import type { Middleware } from './middleware.js';
import { findState } from './request-state.js';
import { standsInRoute } from './routes.js';

/**
 * Declares a route that anyone may call, without a token too. A token that is sent and bad is still refused by
 * `authenticate`; a good one is there as `callerIfAny(req)`.
 */
export function publicRoute(): Middleware {
  return declare(
    function publicRoute(req, _res, next) {
      const state = findState(req);
      if (state !== undefined) {
        state.isPublic = true;
        if (standsInRoute(req, publicRoute)) state.operation = undefined;
        else state.isCovered = true;
      }
      next();
    },
    { kind: 'public' },
  );
}
