import type { Middleware } from '../express/index.js';

export type HttpMethod = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What decorators have said of a method or a class. */
export interface Decorations {
  /** Of a class: where its routes begin. */
  readonly prefix?: string;
  readonly routes?: readonly { readonly method: HttpMethod; readonly path: string }[];
  /** What `allow` or `publicRoute` gave. Of a class: for the methods written in it. */
  readonly declaration?: Middleware;
}

/**
 * Registered, so that two copies of the library in one process agree. Not the mark of a middleware: a method that is put into a
 * route by hand declares nothing there.
 */
const key = Symbol.for('express-app-roles.decorations');

/** Adds to what is known of a method or a class. */
export function decorate(target: object, addition: Decorations): void {
  const value = Object.freeze({ ...decorationsOf(target), ...addition });
  Object.defineProperty(target, key, { value, configurable: true });
}

/** What was said of this very function: a class inherits nothing here from the class that it extends. */
export function decorationsOf(target: unknown): Decorations | undefined {
  return typeof target === 'function' && Object.hasOwn(target, key)
    ? (target as { readonly [key]?: Decorations })[key]
    : undefined;
}
