/** As much of Express 4 and 5 as is read here. */
export interface ExpressApp {
  readonly parent?: ExpressApp;
  readonly _router?: Partial<ExpressRouter>;
  readonly router?: unknown;
}
export interface ExpressRouter {
  readonly stack: readonly ExpressLayer[];
}
export interface ExpressLayer {
  readonly route?: ExpressRoute;
  handle?: unknown;
  readonly method?: string;
  /** Express 5, router 2.3 and newer. */
  readonly rawPath?: unknown;
  /** Express 5: mounted at `/`. */
  readonly slash?: boolean;
  /** Express 5. */
  readonly matchers?: readonly ((path: string) => Match | false)[];
  /** Express 4. */
  readonly keys?: readonly { readonly name: string | number }[];
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
}
export interface ExpressRoute {
  readonly path: unknown;
  readonly stack: readonly ExpressLayer[];
  readonly methods: Readonly<Record<string, boolean>>;
}
interface Match {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A path as it was given to Express, and what varies in it. */
export interface Template {
  readonly path: string;
  readonly parameters: readonly string[];
}

/** Stands for what Express does not remember. */
export const forgotten = '…';

/** The layers of an app or a router; undefined for anything else. */
export function stackOf(app: unknown): readonly ExpressLayer[] | undefined {
  return routerOf(app)?.stack;
}

/** What holds the layers of an app or a router; undefined for anything else. */
export function routerOf(app: unknown): ExpressRouter | undefined {
  if (typeof app !== 'function') return undefined;
  if (!('defaultConfiguration' in app))
    return Array.isArray((app as Partial<ExpressRouter>).stack) ? (app as unknown as ExpressRouter) : undefined;
  // Express 4 throws at `app.router`, and has no router before its first route.
  const { _router } = app as ExpressApp;
  if (_router?.stack !== undefined) return _router as ExpressRouter;
  if ('lazyrouter' in app) return { stack: [] };
  return routerOf((app as ExpressApp).router);
}

/** Whether a layer is a closure that Express itself makes: around an app that is mounted in another. */
export function hidesApp({ handle }: ExpressLayer): boolean {
  return typeof handle === 'function' && handle.name === 'mounted_app';
}

/** Whether every request that reaches a layer has come through an earlier one of the same stack. */
export function covers(earlier: ExpressLayer, later: ExpressLayer): boolean {
  if (isAtRoot(earlier)) return true;
  if (later.route !== undefined) return false;
  if (earlier.regexp !== undefined) return String(earlier.regexp) === String(later.regexp);
  return earlier.rawPath !== undefined && sameText(earlier.rawPath, later.rawPath);
}

/** Whether two paths, which may be expressions and arrays of both, are written alike. */
function sameText(one: unknown, other: unknown): boolean {
  const [texts, others] = [one, other].map((path) => [path].flat().map((each) => `${typeof each} ${each}`));
  return JSON.stringify(texts) === JSON.stringify(others);
}

function isAtRoot(layer: ExpressLayer): boolean {
  return layer.slash === true || layer.regexp?.fast_slash === true;
}

/** What a `use` layer adds to the path: one template for each path that it was given. */
export function templatesOfUse(layer: ExpressLayer): readonly Template[] {
  if (isAtRoot(layer)) return [{ path: '', parameters: [] }];
  return layer.rawPath === undefined
    ? [{ path: `/${forgotten}`, parameters: namesOfKeys(layer) }]
    : templatesOf(layer.rawPath);
}

/** What a route adds to the path. */
export function templatesOfRoute(layer: ExpressLayer, { path }: ExpressRoute): readonly Template[] {
  const [template, ...others] = templatesOf(path);
  // Express 4 numbers what has no name, and says so where there is one path.
  return template !== undefined && others.length === 0 && layer.regexp !== undefined
    ? [{ path: template.path, parameters: namesOfKeys(layer) }]
    : templatesOf(path);
}

function namesOfKeys({ regexp, keys = [] }: ExpressLayer): readonly string[] {
  return regexp === undefined ? [] : keys.map(({ name }) => String(name));
}

export function templatesOf(path: unknown): readonly Template[] {
  if (Array.isArray(path)) return path.flat(Number.POSITIVE_INFINITY).flatMap(templatesOf);
  const text = String(path) === '/' ? '' : String(path);
  return [{ path: text, parameters: path instanceof RegExp ? namesOfGroups(path) : namesOfParameters(text) }];
}

function namesOfParameters(text: string): string[] {
  const names = text.matchAll(/\\.|[:*](?:([\p{ID_Start}$_][\p{ID_Continue}$]*)|"([^"]+)")/gu);
  return [...names].flatMap(([, name, quoted]) => name ?? quoted ?? []);
}

function namesOfGroups({ source }: RegExp): string[] {
  let unnamed = 0;
  return [...source.matchAll(/\\.|\((?:\?<(?![=!])([^>]+)>|(?!\?))/g)]
    .filter(([text]) => text.startsWith('('))
    .map(([, name]) => name ?? String(unnamed++));
}

/**
 * Whether a path, with its parameters by name, is one that a `use` layer was given. Where Express does not remember the text, its
 * own matcher is asked: each parameter must stand for itself.
 */
export function isAt(layer: ExpressLayer, path: string): boolean {
  if (isAtRoot(layer)) return path === '/';
  if (layer.rawPath !== undefined)
    return templatesOf(layer.rawPath).some((each) => trimmed(each.path) === trimmed(path));
  const match = layer.regexp === undefined ? firstMatch(layer, path) : matchByKeys(layer, path);
  return (
    match !== undefined &&
    trimmed(match.path) === trimmed(path) &&
    Object.entries(match.params).every(([name, value]) => value === undefined || value === `:${name}`)
  );
}

function trimmed(path: string): string {
  return path.replace(/\/+$/, '');
}

function firstMatch({ matchers = [] }: ExpressLayer, path: string): Match | undefined {
  for (const matcher of matchers) {
    const match = matcher(path);
    if (match !== false) return match;
  }
  return undefined;
}

function matchByKeys({ regexp, keys = [] }: ExpressLayer, path: string): Match | undefined {
  const match = regexp?.exec(path);
  if (!match) return undefined;
  return { path: match[0], params: Object.fromEntries(keys.map(({ name }, index) => [name, match[index + 1]])) };
}
