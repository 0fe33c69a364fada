import { ConfigurationError } from '../errors/index.js';
import { publicRoute } from '../express/index.js';
import { declareTarget } from './declare-target.js';
import type { DecoratesMethod, Method } from './decorator-types.js';
import { targetOf } from './target-of.js';

/**
 * Declares a method's routes as ones that anyone may call, as `publicRoute` does for a route. Not for a class: what is added to it
 * later would be public too.
 *
 * @throws ConfigurationError where the method already has an `@Allow` or `@Public`
 */
export function Public(...none: readonly never[]): DecoratesMethod<Method> {
  if (none.length > 0) throw new ConfigurationError('@Public takes nothing and is called: @Public().');
  const declaration = publicRoute();
  return (...args: unknown[]) => declareTarget(targetOf('@Public', args, 'a method'), declaration);
}
