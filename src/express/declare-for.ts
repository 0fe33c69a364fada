import type { IncomingMessage } from 'node:http';
import type { Middleware } from './middleware.js';
import type { RequestState } from './request-state.js';
import { routeOf, standsIn } from './routes.js';

/** Notes what a declaration that has passed speaks for: the route that it stands in, or all that comes after its `use`. */
export function declareFor(req: IncomingMessage, state: RequestState, declaration: Middleware): void {
  const route = routeOf(req);
  if (route !== undefined && standsIn(route, declaration)) {
    state.operation = undefined;
    state.declaredIn = route;
  } else state.isCovered = true;
}

/** Whether what answers is what a declaration spoke for, and not a route that the declared one passed the request on to. */
export function isDeclaredFor(req: IncomingMessage, { isCovered, declaredIn }: RequestState): boolean {
  return isCovered || declaredIn === routeOf(req);
}
