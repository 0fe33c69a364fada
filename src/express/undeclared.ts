import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { publishNotice } from './events.js';
import type { Middleware } from './middleware.js';
import { refuse } from './refuse.js';
import { type Api, findState, isDecided } from './request-state.js';
import { countLayers, listRoutes, routeTemplate, withParents } from './routes.js';

/**
 * Keeps the handlers of undeclared routes from running: each route without a declaration of its own gets a refusing
 * middleware before everything else of the route. It refuses only requests that `authenticate` has seen and no declaration
 * of a `use` has covered, for the route's own methods.
 * State: how many layers each app had when it was last walked, so that routes added later are found.
 */
export class UndeclaredRoutes {
  private readonly walked = new WeakMap<object, number>();

  watch(app: object | undefined): void {
    if (app === undefined) return;
    for (const each of withParents(app)) {
      if (this.walked.get(each) === countLayers(each)) continue;
      this.walked.set(each, countLayers(each));
      for (const route of listRoutes(each)) {
        if (!route.declaresItself) route.guardWith(refuseUndeclared);
      }
    }
  }

  /** A route that was not there when its app was walked has answered: walk it again. */
  forget(app: object | undefined): void {
    if (app !== undefined) for (const each of withParents(app)) this.walked.delete(each);
  }
}

const refuseUndeclared: Middleware = function refuseUndeclared(req, res, next) {
  const state = findState(req);
  if (state === undefined || (state.isCovered && isDecided(state))) return next();
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
    message: `${nameOf(req)} is not declared, and was let through (undeclared: 'report').`,
    route,
  });
}

function nameOf(req: IncomingMessage): string {
  return `${req.method} ${routeTemplate(req) ?? '(a handler that is not a route)'}`;
}
