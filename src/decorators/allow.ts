import { allow } from '../express/index.js';
import type { Grant } from '../permissions/index.js';
import { declareTarget } from './declare-target.js';
import type { DecoratesClass, DecoratesMethod, Method } from './decorator-types.js';
import { targetOf } from './target-of.js';

/**
 * Declares who may call a method's routes, as `allow` does for a route. On a class it is for the methods written in that class
 * that say nothing themselves; a method's own `@Allow` or `@Public` replaces it. It is not inherited.
 *
 * ```ts
 * @Get('/:id')
 * @Allow(delegated('Note.Read').owned(note), application('Note.OwnedBy').owned(note))
 * read(req: Request<{ id: string }>, res: Response) {
 *   res.json(note.of(req));
 * }
 * ```
 *
 * @throws ConfigurationError as `allow` does, and where the method or class already has an `@Allow` or `@Public`
 */
export function Allow(...grants: readonly [Grant, ...Grant[]]): DecoratesMethod<Method> & DecoratesClass {
  const declaration = allow(...grants);
  return (...args: unknown[]) => declareTarget(targetOf('@Allow', args, 'a method', 'a class'), declaration);
}
