import { checkPath } from './check-path.js';
import { decorate } from './decorations.js';
import type { DecoratesClass } from './decorator-types.js';
import { targetOf } from './target-of.js';

/**
 * Says where the routes of a class begin: `@Controller('/mailboxes')`. A class that extends a controller says it for itself.
 *
 * @throws ConfigurationError where the path does not begin with `/`
 */
export function Controller(prefix: string): DecoratesClass {
  checkPath('@Controller', prefix);
  return (...args: unknown[]) => decorate(targetOf('@Controller', args, 'a class'), { prefix });
}
