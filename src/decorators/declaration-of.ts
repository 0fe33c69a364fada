import { type Declaration, type Middleware, declarationOf as ofMiddleware } from '../express/index.js';
import { decorationsOf } from './decorations.js';
import { classOf, membersOf } from './members.js';
import { isReplaced } from './replaced.js';

/**
 * What a method declares about who may call it: its own `@Allow` or `@Public`, or the `@Allow` of the class that it is written in.
 * For guards and tables of other frameworks; to enforce it use `admit`.
 *
 * It is kept by the method function. A function that is no method of the class, such as one that an instrumentation has wrapped
 * around it, is taken for the method of its name.
 *
 * @param method the function that was decorated
 * @param controller the class of the object it is called on; without it only what is kept by this very function is found
 * @returns undefined where there is none, which means that no one may call it
 */
export function declarationOf(method: object, controller?: object): Declaration | undefined {
  return ofMiddleware(declaredMiddleware(method, controller));
}

/** The middleware that enforces it. */
export function declaredMiddleware(method: object, controller?: object): Middleware | undefined {
  const own = decorationsOf(method)?.declaration;
  const { prototype } = (controller ?? {}) as { readonly prototype?: object };
  if (own !== undefined || prototype === undefined) return own;
  const members = membersOf(prototype);
  const { name } = method as { readonly name?: string };
  const member = members.find(({ value }) => value === method) ?? members.find(({ key }) => key === name);
  if (member === undefined || isReplaced(member)) return undefined;
  return decorationsOf(member.value)?.declaration ?? decorationsOf(classOf(member))?.declaration;
}
