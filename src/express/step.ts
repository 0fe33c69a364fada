import { type Declaration, declarationOf } from './declaration.js';
import { type Middleware, named } from './middleware.js';
import { declaredOperations, type Operation } from './operation.js';

/** What a request meets on its way to a handler, as far as it says who may call. */
export type Step =
  | {
      readonly kind: 'declaration';
      readonly declaration: Declaration;
      /** It stands in a `use` for every path of the whole app. */
      readonly isForWholeApp?: boolean;
    }
  /** Certainly this library's; or one that has its name, as what `passport.authenticate` gives. */
  | { readonly kind: 'authenticate'; readonly isCertain: boolean }
  | { readonly kind: 'operations'; readonly operations: readonly Operation[] };

/** Registered, so that two copies of the library in one process agree. */
const key = Symbol.for('express-app-roles.authenticate');

/** Marks a middleware as one that finds out who is calling. */
export function markAuthenticate<M extends Middleware>(middleware: M): M {
  return Object.defineProperty(named('authenticate', middleware), key, { value: true });
}

/** What a middleware is, if it is a step. */
export function stepOf(middleware: unknown): Step | undefined {
  const declaration = declarationOf(middleware);
  if (declaration !== undefined) return { kind: 'declaration', declaration };
  const operations = declaredOperations(middleware);
  if (operations !== undefined) return { kind: 'operations', operations };
  if (isAuthenticate(middleware)) return { kind: 'authenticate', isCertain: true };
  const isNamedSo = typeof middleware === 'function' && middleware.name === 'authenticate';
  return isNamedSo ? { kind: 'authenticate', isCertain: false } : undefined;
}

/** Whether a middleware is certainly an `authenticate` of this library. */
export function isAuthenticate(middleware: unknown): boolean {
  return typeof middleware === 'function' && key in middleware;
}
