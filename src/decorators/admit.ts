import type { IncomingMessage, ServerResponse } from 'node:http';
import { findState, routeOf, ruleUndeclared } from '../express/index.js';
import { declaredMiddleware } from './declaration-of.js';

/**
 * Holds a request against what a method declares, for the guard of another framework (NestJS). It decides as `allow` and
 * `publicRoute` do on a route: it loads records, publishes events, and sets the headers of a refusal. A method without a
 * declaration is refused, unless a declaration before all routes covers it, or `authenticate` was told `undeclared: 'report'`.
 *
 * @param method the function that was decorated, and `controller` the class of the object it is called on
 * @returns when the handler may run
 * @throws Refusal (rejects): 401, 403, 404; ConfigurationError: not declared, or no `authenticate` before it; what `find` throws
 */
export function admit(req: IncomingMessage, res: ServerResponse, method: object, controller?: object): Promise<void> {
  const declaration = declaredMiddleware(method, controller) ?? ruleUndeclared;
  return new Promise((resolve, reject) => {
    const wasCovered = findState(req)?.isCovered ?? false;
    declaration(req, res, (error) => {
      if (error !== undefined) return reject(error);
      // It has no place in Express's route, but like one that has it speaks for this handler, not for those after it.
      const state = findState(req);
      if (state !== undefined) {
        state.isCovered = wasCovered;
        state.declaredIn = routeOf(req);
      }
      resolve();
    });
  });
}
