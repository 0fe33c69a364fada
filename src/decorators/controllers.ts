import { ConfigurationError } from '../errors/index.js';
import { asError, isAppOrRouter, type Middleware } from '../express/index.js';
import type { HttpMethod } from './decorations.js';
import type { RouteMethod } from './decorator-types.js';
import { type ControllerRoute, readController } from './read-controller.js';

/** An Express app or router, as far as it is needed here. */
export type ControllerRouter = Readonly<Record<HttpMethod, (path: string, ...handlers: Middleware[]) => unknown>>;

/**
 * Mounts the routes of controllers, each as if `router.get(path, allow(…), handler)` had been written: what reads or guards routes
 * makes no difference. They come in the order in which the classes have them, inherited ones last.
 *
 * A class that extends another inherits methods with their route and declaration. An override inherits nothing: it is decorated
 * anew, or this throws. A class-wide `@Allow` is for the methods written in that class, not for inherited ones nor for those of a
 * class that extends it.
 *
 * ```ts
 * controllers(app, new NotesController(notes)); // or a router
 * ```
 *
 * @throws ConfigurationError that lists every finding: a route without declaration or declaration without route, an override
 * that is not decorated, two routes of the same method and path, a class without `@Controller`. Nothing is mounted then.
 */
export function controllers(router: ControllerRouter, ...instances: readonly [object, ...object[]]): void {
  if (!isAppOrRouter(router)) {
    throw new ConfigurationError('controllers(router, new Mailboxes(…)) takes an Express app or a router first.');
  }
  const read = instances.map((instance) => ({ instance, ...readController(instance) }));
  const findings = [...read.flatMap(({ problems }) => problems), ...collisions(read.flatMap(({ routes }) => routes))];
  if (findings.length > 0) {
    throw new ConfigurationError(
      `controllers found ${findings.length}:\n${findings.map((each) => `  ${each}`).join('\n')}`,
    );
  }
  for (const { instance, routes } of read) {
    for (const { method, path, declaration, handler } of routes) {
      router[method](path, declaration, handlerOf(instance, handler));
    }
  }
}

/** On Express 4 too, what an async method rejects with goes to `next`. */
function handlerOf(instance: object, method: RouteMethod): Middleware {
  return (req, res, next) => {
    const answer = async () => method.call(instance, req, res, next);
    answer().catch((error: unknown) => next(asError(error)));
  };
}

/** Two routes that the same requests match, whatever their parameters are called: the second would never be asked. */
function collisions(routes: readonly ControllerRoute[]): string[] {
  const first = new Map<string, ControllerRoute>();
  return routes.flatMap((route) => {
    const { name, method, path } = route;
    const key = `${method} ${path.replace(/:\w+/g, ':').replace(/(?<=.)\/$/, '')}`;
    const earlier = first.get(key);
    first.set(key, earlier ?? route);
    if (earlier === undefined) return [];
    return [`${name} and ${earlier.name} have the same route, ${method.toUpperCase()} ${path}. Keep one.`];
  });
}
