import type { IncomingMessage, ServerResponse } from 'node:http';
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
  /** Whether one of them stands in the route itself, where no error handler can lead around it. */
  readonly declaresItself: boolean;
  /** Puts a middleware before everything else of this method of this route, once. */
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
  stack: ExpressLayer[];
  readonly methods: Readonly<Record<string, boolean>>;
  readonly [method: string]: unknown;
}

const templates = new WeakMap<object, string>();

/**
 * Every route of an app that can be seen: nested routers, not apps mounted in it (Express keeps those in a closure).
 */
export function listRoutes(app: object): RouteEntry[] {
  return walk(stackOf(app) ?? [], '', false, []);
}

/** Whether routes can be listed of it: an Express app or a router. */
export function isAppOrRouter(value: unknown): value is object {
  return typeof value === 'function' && Array.isArray(stackOf(value));
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

/** What the responses of an app, and of those mounted in the same one, inherit from. */
export function responsesOf(app: object): ServerResponse | undefined {
  const outermost = withParents(app).at(-1) as { readonly response?: ServerResponse } | undefined;
  return typeof outermost?.response === 'object' ? outermost.response : undefined;
}

/** The template of the route that Express has chosen for a request. Never the URL. */
export function routeTemplate(req: IncomingMessage): string | undefined {
  const { route } = req as IncomingMessage & { route?: ExpressRoute };
  if (route === undefined) return undefined;
  return templates.get(route) ?? (templateOf(route.path) || '/');
}

/** Whether a middleware stands in the route that Express has chosen for a request, rather than in a `use`. */
export function standsInRoute(req: IncomingMessage, middleware: Middleware): boolean {
  const { route } = req as IncomingMessage & { route?: ExpressRoute };
  return route?.stack.some(({ handle }) => handle === middleware) ?? false;
}

function stackOf(app: object): readonly ExpressLayer[] | undefined {
  // Express 4 throws at `app.router`, so its own name for the router goes first.
  const { _router } = app as ExpressApp;
  if (_router?.stack !== undefined) return _router.stack;
  if ('defaultConfiguration' in app && 'lazyrouter' in app) return [];
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
  const methods = Object.keys(route.methods);
  // Beside methods of their own, `all` is a middleware for them. What it answers itself is left to the guard of responses.
  const own = methods.length > 1 ? methods.filter((method) => method !== '_all') : methods;
  return own
    .map((name) => (name === '_all' ? 'all' : name))
    .map((method) => ({
      method: method.toUpperCase(),
      path,
      hasParameter: hasParameter || isParametric(path),
      declarations: [...inherited, ...declarationsOf(route, method)],
      declaresItself: declarationsOf(route, method).length > 0,
      guardWith(middleware) {
        const layers = route.stack.filter((layer) => (layer.method ?? 'all') === method);
        if (layers.some(({ handle }) => handle === middleware)) return;
        (route[method] as (handler: Middleware) => void).call(route, middleware);
        // A new array: a request that is on its way through the route keeps its place in the old one.
        const added = route.stack.at(-1);
        if (added !== undefined) route.stack = [added, ...route.stack.slice(0, -1)];
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
  if (earlier.regexp !== undefined) return String(earlier.regexp) === String(later.regexp);
  return earlier.rawPath !== undefined && sameText(earlier.rawPath, later.rawPath);
}

/** Whether two paths, which may be expressions and arrays of both, are written alike. */
function sameText(one: unknown, other: unknown): boolean {
  const [texts, others] = [one, other].map((path) => [path].flat().map((each) => `${typeof each} ${each}`));
  return JSON.stringify(texts) === JSON.stringify(others);
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
