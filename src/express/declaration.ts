import type { Grant } from '../permissions/index.js';
import { type Middleware, named } from './middleware.js';

/** What a route says about who may call it. */
export type Declaration = { readonly kind: 'allow'; readonly grants: readonly Grant[] } | { readonly kind: 'public' };

/** Registered, so that two copies of the library in one process agree. */
const key = Symbol.for('express-app-roles.declaration');

/** Marks a middleware as a route's declaration, and names it after what an application writes. */
export function declare(middleware: Middleware, declaration: Declaration): Middleware {
  const name = declaration.kind === 'allow' ? 'allow' : 'publicRoute';
  return Object.defineProperty(named(name, middleware), key, { value: Object.freeze(declaration) });
}

/** The declaration that a middleware carries, if it is one. */
export function declarationOf(middleware: unknown): Declaration | undefined {
  return typeof middleware === 'function' ? (middleware as { [key]?: Declaration })[key] : undefined;
}
