import { declare } from './declaration.js';
import { declareFor } from './declare-for.js';
import type { Middleware } from './middleware.js';
import { findState } from './request-state.js';

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
        declareFor(req, state, publicRoute);
      }
      next();
    },
    { kind: 'public' },
  );
}
