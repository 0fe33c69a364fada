import { type IncomingMessage, METHODS, ServerResponse } from 'node:http';
import type { Declaration } from './declaration.js';
import {
  covers,
  type ExpressApp,
  type ExpressLayer,
  type ExpressRoute,
  forgotten,
  hidesApp,
  stackOf,
  type Template,
  templatesOf,
  templatesOfRoute,
  templatesOfUse,
} from './express-layer.js';
import type { Middleware } from './middleware.js';
import { type Mounted, MountedPlaces } from './mounted.js';
import type { Operation } from './operation.js';
import { isAuthenticate, type Step, stepOf } from './step.js';

/** One method of one route of an Express app. */
export interface RouteEntry {
  /** Upper case; `ALL` for `route.all`. */
  readonly method: string;
  /** The full template where Express remembers it; a part that it does not remember is `…`. Several are put together with `|`. */
  readonly path: string;
  /** The same, one by one. */
  readonly templates: readonly Template[];
  /** What stands on the way to the handler, in order. */
  readonly steps: readonly Step[];
  /** Every declaration among the steps. */
  readonly declarations: readonly Declaration[];
  /** Whether one of them stands in the route itself, where no error handler can lead around it. */
  readonly declaresItself: boolean;
  /** Whether nothing stands after a declaration in the route, so that it comes too late for its handlers. */
  readonly declaresLast: boolean;
  /** Whether an `authenticate` stands after the route, where no request for it comes by. */
  readonly isBeforeAuthenticate: boolean;
  /**
   * Puts a middleware before each handler of this method of this route, once: the request may meet `authenticate` in the route
   * itself. One that is on its way through the route now meets it too.
   */
  guardWith(middleware: Middleware): void;
}

/** What can be seen of an app, and what cannot. */
export interface Walk {
  readonly routes: readonly RouteEntry[];
  /** Operations that a middleware decides, and what stands on the way to it and in it. */
  readonly carried: readonly (Pick<RouteEntry, 'steps' | 'isBeforeAuthenticate'> & {
    readonly operations: readonly Operation[];
  })[];
  /** Paths at which Express keeps an app in a closure. */
  readonly hidden: readonly string[];
  /** Routers with routes, whose path Express does not remember. */
  readonly unplaced: readonly { readonly path: string; readonly routes: readonly RouteEntry[] }[];
  /** What is named as mounted and was not found. */
  readonly unfound: readonly Mounted[];
}

/** What a request has met before it comes to a stack of layers. */
interface Way {
  readonly templates: readonly Template[];
  readonly steps: readonly Step[];
  readonly isBeforeAuthenticate: boolean;
}

const start: Way = { templates: [{ path: '', parameters: [] }], steps: [], isBeforeAuthenticate: false };

const templates = new WeakMap<object, string>();

/**
 * Every route of an app that can be seen: nested routers, not apps mounted in it (Express keeps those in a closure).
 */
export function listRoutes(app: object): readonly RouteEntry[] {
  return walkApp(app).routes;
}

/** Whether routes can be listed of it: an Express app or a router. */
export function isAppOrRouter(value: unknown): value is object {
  return stackOf(value) !== undefined;
}

/** The app that handles a request. It is read where Express puts it, on what the requests of an app inherit from. */
export function appOf(req: IncomingMessage): object | undefined {
  return (Object.getPrototypeOf(req) as { readonly app?: object } | null)?.app;
}

/** The app that an app is mounted in. */
export function parentOf(app: object): object | undefined {
  return (app as ExpressApp).parent;
}

/**
 * What the responses of all apps of one copy of Express inherit from: whatever app a function of the application's own hands a
 * request to, its responses have it.
 */
export function responsesOf(app: object): ServerResponse | undefined {
  const { response } = app as { readonly response?: ServerResponse };
  if (typeof response !== 'object') return undefined;
  let each: ServerResponse = response;
  for (;;) {
    const parent = Object.getPrototypeOf(each) as ServerResponse | null;
    if (parent === ServerResponse.prototype || parent === null) return each;
    each = parent;
  }
}

/** The template of the route that Express has chosen for a request. Never the URL. */
export function routeTemplate(req: IncomingMessage): string | undefined {
  const route = routeOf(req);
  if (route === undefined) return undefined;
  return templates.get(route) ?? pathOf(templatesOf(route.path));
}

/** The route that Express has chosen for a request. It stays so after the route has passed the request on. */
export function routeOf(req: IncomingMessage): ExpressRoute | undefined {
  return (req as IncomingMessage & { route?: ExpressRoute }).route;
}

/** Whether a middleware stands in a route, rather than in a `use`. */
export function standsIn({ stack }: ExpressRoute, middleware: Middleware): boolean {
  return stack.some(({ handle }) => handle === middleware);
}

/** Whether a middleware stands in the route that Express has chosen for a request. */
export function standsInRoute(req: IncomingMessage, middleware: Middleware): boolean {
  const route = routeOf(req);
  return route !== undefined && standsIn(route, middleware);
}

/** Everything of an app that can be seen, with what is named as mounted in it. */
export function walkApp(app: object, mounted: readonly Mounted[] = []): Walk {
  const places = new MountedPlaces(mounted);
  const routes: RouteEntry[] = [];
  const carried: Walk['carried'][number][] = [];
  const hidden: string[] = [];
  const unplaced: Walk['unplaced'][number][] = [];
  /** Where functions of the application's own may call something that is named. */
  const behind = new Map<Mounted, Way>();
  const seen = new Set<unknown>();

  function visit(stack: readonly ExpressLayer[], way: Way): void {
    /** Steps that have been passed, and the layer each stands on. */
    const passed: { layer: ExpressLayer; step: Step }[] = [];
    const authenticates = stack.filter(({ handle }) => isAuthenticate(handle));
    for (const layer of stack) {
      if (authenticates[0] === layer) authenticates.shift();
      const steps = [...way.steps, ...passed.filter((each) => covers(each.layer, layer)).map(({ step }) => step)];
      const isBeforeAuthenticate = way.isBeforeAuthenticate || authenticates.some((later) => covers(later, layer));
      const here = { ...way, steps, isBeforeAuthenticate };
      if (layer.route !== undefined) {
        routes.push(...readRoute(layer, layer.route, here));
        continue;
      }
      const step = stepAt(layer, here);
      if (step === undefined) visitUse(layer, here);
      else passed.push({ layer, step: isForWholeApp(step, layer, way) ? { ...step, isForWholeApp: true } : step });
      if (step?.kind === 'operations') carried.push({ ...here, operations: step.operations, steps: [...steps, step] });
    }
  }

  function visitUse(layer: ExpressLayer, way: Way): void {
    const added = join(way.templates, templatesOfUse(layer));
    const stack = stackOf(layer.handle);
    if (stack !== undefined) {
      seen.add(layer.handle);
      const named = places.visible(layer, way.templates);
      const isForgotten = templatesOfUse(layer).some(({ path }) => path.includes(forgotten));
      const before = routes.length;
      visit(stack, { ...way, templates: isForgotten && named.length > 0 ? named : added });
      const found = routes.slice(before);
      if (isForgotten && named.length === 0 && found.length > 0) unplaced.push({ path: pathOf(added), routes: found });
    } else if (hidesApp(layer)) {
      const named = places.hidden(layer, way.templates);
      const isForgotten = pathOf(added).includes(forgotten);
      if (named === undefined) hidden.push(pathOf(added));
      else visit(stackOf(named.app) ?? [], { ...way, templates: isForgotten ? named.templates : added });
    } else {
      for (const each of places.behind(layer, way.templates)) if (!behind.has(each)) behind.set(each, way);
    }
  }

  visit(stackOf(app) ?? [], start);
  const unfound = places.rest().filter((each) => {
    const way = seen.has(each.app) ? undefined : behind.get(each);
    if (way !== undefined) visit(stackOf(each.app) ?? [], { ...way, templates: templatesOf(each.path) });
    return way === undefined;
  });
  return { routes, carried, hidden, unplaced, unfound };
}

function isForWholeApp(step: Step, layer: ExpressLayer, way: Way): step is Step & { kind: 'declaration' } {
  return step.kind === 'declaration' && way === start && templatesOfUse(layer).every(({ path }) => path === '');
}

/** The paths of carried operations are below the path that their middleware is mounted at. */
function stepAt(layer: ExpressLayer, { templates }: Way): Step | undefined {
  const step = stepOf(layer.handle);
  if (step?.kind !== 'operations') return step;
  const mountedAt = join(templates, templatesOfUse(layer));
  const operations = mountedAt.flatMap(({ path, parameters }) =>
    step.operations.map((operation) => ({
      ...operation,
      path: path + operation.path,
      isPathKnown: operation.isPathKnown && !path.includes(forgotten),
      parameters: [...parameters, ...operation.parameters],
    })),
  );
  return { kind: 'operations', operations };
}

function join(prefixes: readonly Template[], added: readonly Template[]): readonly Template[] {
  return prefixes.flatMap((prefix) =>
    added.map(({ path, parameters }) => ({
      path: prefix.path + path,
      parameters: [...new Set([...prefix.parameters, ...parameters])],
    })),
  );
}

function pathOf(templates: readonly Template[]): string {
  return templates.map(({ path }) => path || '/').join(' | ');
}

function readRoute(layer: ExpressLayer, route: ExpressRoute, way: Way): RouteEntry[] {
  const paths = join(way.templates, templatesOfRoute(layer, route)).map((each) => ({
    ...each,
    path: each.path || '/',
  }));
  const path = pathOf(paths);
  templates.set(route, path);
  return methodsOf(route).map(({ name, own, met }) => {
    const ownSteps = met.flatMap(({ handle }) => stepOf(handle) ?? []);
    const steps = [...way.steps, ...ownSteps];
    return {
      method: name.toUpperCase(),
      path,
      templates: paths,
      steps,
      declarations: declarationsAmong(steps),
      declaresItself: declarationsAmong(ownSteps).length > 0,
      declaresLast: met.at(-1) !== undefined && stepOf(met.at(-1)?.handle)?.kind === 'declaration',
      isBeforeAuthenticate: way.isBeforeAuthenticate,
      guardWith(middleware) {
        for (const each of own) each.handle = guarded(each.handle as Handler, middleware);
      },
    };
  });
}

/** A method of a route: the layers that are its own, and those that a request for it meets. */
interface RouteMethod {
  readonly name: string;
  readonly own: readonly ExpressLayer[];
  readonly met: readonly ExpressLayer[];
}

/**
 * Beside methods of their own, `route.all` is a middleware for them, unless it stands last and so answers the rest.
 * `app.all` gives a route every method there is, which is told as one.
 */
function methodsOf({ stack, methods }: ExpressRoute): readonly RouteMethod[] {
  const names = Object.keys(methods).filter((name) => name !== '_all');
  const [first, ...others] = names.map((name) => ({
    name,
    own: stack.filter(({ method }) => method === name),
    met: stack.filter(({ method }) => method === undefined || method === name),
  }));
  if (first === undefined) return [{ name: 'all', own: stack, met: stack }];
  const isEvery =
    METHODS.every((method) => methods[method.toLowerCase()]) && others.every((other) => isDeclaredAs(other, first));
  if (isEvery) return [{ name: 'all', own: stack, met: first.met }];
  const forAll = stack.filter(({ method }) => method === undefined);
  const answersAll = stack.at(-1)?.method === undefined && methods._all === true;
  return [first, ...others, ...(answersAll ? [{ name: 'all', own: forAll, met: forAll }] : [])];
}

function isDeclaredAs(one: RouteMethod, other: RouteMethod): boolean {
  const [handlers, others] = [one, other].map(({ met }) =>
    met.map(({ handle }) => handle).filter((each) => stepOf(each)),
  );
  return handlers?.length === others?.length && handlers?.every((each, index) => each === others?.[index]) === true;
}

function declarationsAmong(steps: readonly Step[]): readonly Declaration[] {
  return steps.flatMap((step) => (step.kind === 'declaration' ? step.declaration : []));
}

type Handler = (...args: Parameters<Middleware>) => unknown;

/** The handlers that a middleware already stands before. */
const guardedBy = new WeakMap<Handler, Middleware>();

/** Handlers of errors, which Express knows by their four parameters, are left alone. */
function guarded(handler: Handler, middleware: Middleware): Handler {
  if (handler.length > 3 || guardedBy.get(handler) === middleware) return handler;
  const guard: Handler = (req, res, next) => {
    let answer: unknown;
    middleware(req, res, (error) => {
      answer = error === undefined ? handler(req, res, next) : next(error);
    });
    return answer;
  };
  guardedBy.set(guard, middleware);
  return guard;
}
