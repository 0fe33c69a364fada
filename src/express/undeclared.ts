import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { publishNotice } from './events.js';
import { type ExpressRouter, routerOf } from './express-layer.js';
import type { Middleware } from './middleware.js';
import { refuse } from './refuse.js';
import { type Api, findState, isDecided, type RequestState, stateOf } from './request-state.js';
import { listRoutes, parentOf, type RouteEntry, routeTemplate } from './routes.js';

/**
 * Keeps the handlers of undeclared routes from running: each route without a declaration of its own gets a refusing
 * middleware before each of its handlers. It refuses only requests that `authenticate` has seen and no declaration
 * of a `use` has covered, for the route's own methods; and those that `authenticate` should have seen, where it stands before.
 * State: how many layers each router had when it was last walked, so that routes added later are found; and the app of the last
 * request with its router, for that is nearly always the app of the next one.
 */
export class UndeclaredRoutes {
  private readonly walked = new WeakMap<ExpressRouter, number>();
  private last: { readonly app: object; readonly router: ExpressRouter; readonly layers: number } | undefined;

  watch(app: object | undefined): void {
    if (app === undefined || this.isAsWalked(app)) return;
    for (let each: object | undefined = app; each !== undefined; each = parentOf(each)) this.walk(each);
    const router = routerOf(app);
    this.last = router && { app, router, layers: router.stack.length };
  }

  /** A route that was not there when its app was walked has answered: walk it again. */
  forget(app: object | undefined): void {
    this.last = undefined;
    for (let each = app; each !== undefined; each = parentOf(each)) {
      const router = routerOf(each);
      if (router !== undefined) this.walked.delete(router);
    }
  }

  private isAsWalked(app: object): boolean {
    const last = this.last;
    if (last?.app !== app || routerOf(app) !== last.router || parentOf(app) !== undefined) return false;
    return last.router.stack.length === last.layers;
  }

  private walk(app: object): void {
    const router = routerOf(app);
    if (router === undefined || this.walked.get(router) === router.stack.length) return;
    this.walked.set(router, router.stack.length);
    for (const route of listRoutes(app)) {
      if (!route.declaresItself) route.guardWith(isBehindAuthenticate(route) ? refuseUnseen : refuseUndeclared);
    }
  }
}

const refuseUndeclared: Middleware = (req, res, next) => {
  const state = findState(req);
  if (state === undefined || awaitsGuard(state)) return next();
  ruleUndeclared(req, res, next);
};

function isBehindAuthenticate({ steps }: RouteEntry): boolean {
  return steps.some((step) => step.kind === 'authenticate' && step.isCertain);
}

/** Where every request has to come by `authenticate`, one that did not has been led around it by a handler of errors. */
const refuseUnseen: Middleware = (req, res, next) => {
  if (findState(req) !== undefined) return refuseUndeclared(req, res, next);
  refuse(req, res, next, undeclaredRoute(req));
};

/** A guard speaks for one handler: what it let through and that handler passed on is not let through again. */
function awaitsGuard(state: RequestState): boolean {
  return state.isLeftToGuard && !state.isRefused && !isDecided(state);
}

/**
 * What becomes of a request that has come to something without a declaration of its own.
 *
 * @throws ConfigurationError where no `authenticate` has seen it
 */
export const ruleUndeclared: Middleware = (req, res, next) => {
  const state = stateOf(req);
  const mismatch = state.operation?.findMismatch(req);
  if (mismatch !== undefined) return refuse(req, res, next, mismatch);
  if (state.isCovered && (isDecided(state) || state.withheld !== undefined)) return next();
  if (state.api.undeclared === 'refuse') return refuse(req, res, next, undeclaredRoute(req));
  reportUndeclared(req, state.api);
  next();
};

export function undeclaredRoute(req: IncomingMessage): ConfigurationError {
  return new ConfigurationError(
    `${nameOf(req)} is not declared, so no one may call it. Give it allow(delegated('…') or application('…')) or publicRoute() before its handler.`,
  );
}

export function reportUndeclared(req: IncomingMessage, api: Api): void {
  const route = routeTemplate(req);
  publishNotice(api, {
    code: 'undeclared_route',
    method: req.method,
    message: `${nameOf(req)} is not declared, and was let through (undeclared: 'report').`,
    route,
  });
}

function nameOf(req: IncomingMessage): string {
  return `${req.method} ${routeTemplate(req) ?? '(a handler that is not a route)'}`;
}
