import { checkPath } from './check-path.js';
import { decorate, decorationsOf, type HttpMethod } from './decorations.js';
import type { DecoratesMethod, RouteMethod } from './decorator-types.js';
import { targetOf } from './target-of.js';

/**
 * Makes a method the handler of GET on a path below the controller's: `@Get('/:id')`. `/` by default. It is called with Express's
 * `req`, `res`, `next` and its object as `this`; what it throws or rejects with goes to `next`, what it returns goes nowhere.
 *
 * @throws ConfigurationError where the path does not begin with `/`, or it does not stand on a method of the class's objects
 */
export const Get = routeDecorator('@Get', 'get');
/** POST; see `Get`. */
export const Post = routeDecorator('@Post', 'post');
/** PUT; see `Get`. */
export const Put = routeDecorator('@Put', 'put');
/** PATCH; see `Get`. */
export const Patch = routeDecorator('@Patch', 'patch');
/** DELETE; see `Get`. */
export const Delete = routeDecorator('@Delete', 'delete');

function routeDecorator(name: string, method: HttpMethod): (path?: string) => DecoratesMethod<RouteMethod> {
  return (path = '/') => {
    checkPath(name, path);
    return (...args: unknown[]) => {
      const target = targetOf(name, args, 'a method');
      decorate(target, { routes: [{ method, path }, ...(decorationsOf(target)?.routes ?? [])] });
    };
  };
}
