import type { IncomingMessage } from 'node:http';
import { type Declaration, declarationOf } from './declaration.js';
import type { Middleware } from './middleware.js';

/** One method of one route of an Express app. */
export interface RouteEntry {
  /** Upper case; `ALL` for `route.all`. */
  readonly method: string;
  /** The full template where Express remembers it; a part that it does not remember is `…`. */
  readonly path: string;
  readonly hasParameter: boolean;
  /** Every declaration that stands on the way to the handler. */
  readonly declarations: readonly Declaration[];
  /** Puts a middleware before everything else of this method of this route. */
  guardWith(middleware: Middleware): void;
}

/** As much of Express 4 and 5 as is read here. */
interface ExpressApp {
  readonly parent?: ExpressApp;
  readonly _router?: ExpressRouter;
  readonly router?: ExpressRouter;
}
interface ExpressRouter {
  readonly stack?: readonly ExpressLayer[];
}
interface ExpressLayer {
  readonly route?: ExpressRoute;
  readonly handle?: unknown;
  readonly method?: string;
  /** Express 5, router 2.3 and newer. */
  readonly rawPath?: unknown;
  /** Express 5: mounted at `/`. */
  readonly slash?: boolean;
  readonly keys?: readonly unknown[];
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
}
interface ExpressRoute {
  readonly path: unknown;
  readonly stack: ExpressLayer[];
  readonly methods: Readonly<Record<string, boolean>>;
  readonly [method: string]: unknown;
}

const templates = new WeakMap<object, string>();

/**
 * Every route of an app that can be seen: nested routers, not apps mounted in it (Express keeps those in a closure).
 */
export function listRoutes(app: object): RouteEntry[] {
  const stack = stackOf(app);
  return stack === undefined ? [] : walk(stack, '', false, []);
}

/** A number that changes when routes are added at the top of an app. */
export function countLayers(app: object): number {
  return stackOf(app)?.length ?? 0;
}

/** The app, and those it is mounted in. */
export function withParents(app: object): object[] {
  const { parent } = app as ExpressApp;
  return parent === undefined ? [app] : [app, ...withParents(parent)];
}

/** The template of the route that Express has chosen for a request. Never the URL. */
export function routeTemplate(req: IncomingMessage): string | undefined {
  const { route } = req as IncomingMessage & { route?: ExpressRoute };
  if (route === undefined) return undefined;
  return templates.get(route) ?? templateOf(route.path);
}

function stackOf(app: object): readonly ExpressLayer[] | undefined {
  // Express 4 throws at `app.router`, so its own name for the router goes first.
  const { _router } = app as ExpressApp;
  if (_router?.stack !== undefined) return _router.stack;
  if ('defaultConfiguration' in app && 'lazyrouter' in app) return undefined;
  return (app as ExpressApp).router?.stack ?? (app as ExpressRouter).stack;
}

function walk(
  stack: readonly ExpressLayer[],
  prefix: string,
  prefixHasParameter: boolean,
  inherited: readonly Declaration[],
): RouteEntry[] {
  const entries: RouteEntry[] = [];
  /** Declarations of `use` that have been passed, and the layer each stands on. */
  const passed: { layer: ExpressLayer; declaration: Declaration }[] = [];
  for (const layer of stack) {
    const path = prefix + pathOf(layer);
    const hasParameter = prefixHasParameter || isParametric(path) || (layer.keys?.length ?? 0) > 0;
    const declarations = [
      ...inherited,
      ...passed.filter((each) => covers(each.layer, layer)).map((each) => each.declaration),
    ];
    const declaration = declarationOf(layer.handle);
    if (layer.route !== undefined) {
      entries.push(...readRoute(layer.route, prefix, hasParameter, declarations));
    } else if (declaration !== undefined) {
      passed.push({ layer, declaration });
    } else {
      const nested = (layer.handle as ExpressRouter | undefined)?.stack;
      if (Array.isArray(nested)) entries.push(...walk(nested, path, hasParameter, declarations));
    }
  }
  return entries;
}

function readRoute(
  route: ExpressRoute,
  prefix: string,
  hasParameter: boolean,
  inherited: readonly Declaration[],
): RouteEntry[] {
  const path = `${prefix}${templateOf(route.path)}` || '/';
  templates.set(route, path);
  const methods = Object.keys(route.methods).map((method) => (method === '_all' ? 'all' : method));
  return methods.map((method) => ({
    method: method.toUpperCase(),
    path,
    hasParameter: hasParameter || isParametric(path),
    declarations: [...inherited, ...declarationsOf(route, method)],
    guardWith(middleware) {
      (route[method] as (handler: Middleware) => void).call(route, middleware);
      const added = route.stack.pop();
      if (added !== undefined) route.stack.unshift(added);
    },
  }));
}

function declarationsOf(route: ExpressRoute, method: string): Declaration[] {
  return route.stack
    .filter((layer) => layer.method === undefined || layer.method === method)
    .map(({ handle }) => declarationOf(handle))
    .filter((declaration) => declaration !== undefined);
}

/** Whether every request that reaches a layer has come through an earlier one of the same stack. */
function covers(earlier: ExpressLayer, later: ExpressLayer): boolean {
  if (earlier.slash === true || earlier.regexp?.fast_slash === true) return true;
  if (later.route !== undefined) return false;
  if (earlier.regexp !== undefined) return earlier.regexp.source === later.regexp?.source;
  return typeof earlier.rawPath === 'string' && earlier.rawPath === later.rawPath;
}

/** The part of the path that a `use` layer adds. */
function pathOf(layer: ExpressLayer): string {
  if (layer.route !== undefined || layer.slash === true || layer.regexp?.fast_slash === true) return '';
  return layer.rawPath === undefined ? '/…' : templateOf(layer.rawPath);
}

function templateOf(path: unknown): string {
  if (Array.isArray(path)) return path.map(templateOf).join(' | ');
  return String(path) === '/' ? '' : String(path);
}

function isParametric(path: string): boolean {
  return /[:*{(]/.test(path);
}
