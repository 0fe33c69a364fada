import type { Grant } from '../permissions/index.js';
import type { Middleware } from './middleware.js';

/** One method of one path of an API, and who may call it. */
export interface Operation {
  /**
   * Upper case; `ALL` for `route.all` and `app.all`. `GET` answers `HEAD` as well, which is listed only where a route declares it
   * for itself.
   */
  readonly method: string;
  /**
   * The full template as Express was given it: `/mailboxes/:id`. A regular expression stands as it is written (`/^\/x\d$/`), and
   * each path of an array is an operation of its own.
   */
  readonly path: string;
  /** False where Express does not remember a part of the path: `…` stands for it. Name the router in `mounted`. */
  readonly isPathKnown: boolean;
  /** Names of what varies in the path, in its order; groups of regular expressions without a name by their number. */
  readonly parameters: readonly string[];
  /** Anyone may call it, without a token too. */
  readonly isPublic: boolean;
  /**
   * The grants of each `allow` on the way to the handler: one of each list must match. Empty where it is public, and where it is
   * not declared.
   */
  readonly allows: readonly (readonly Grant[])[];
}

/** Registered, so that two copies of the library in one process agree. */
const key = Symbol.for('express-app-roles.operations');

/**
 * Says which operations a middleware decides by itself, so that `inventory` can list them. What it does not list it must refuse.
 *
 * @param operations asked for each inventory. Paths are below the path that the middleware is mounted at.
 */
export function declareOperations<M extends Middleware>(middleware: M, operations: () => readonly Operation[]): M {
  return Object.defineProperty(middleware, key, { value: operations });
}

/** The operations that a middleware decides, if it says so. */
export function declaredOperations(middleware: unknown): readonly Operation[] | undefined {
  return typeof middleware === 'function' ? (middleware as { [key]?: () => readonly Operation[] })[key]?.() : undefined;
}

/** What tells one operation from another: names of parameters do not. */
export function addressOf({ method, path }: Pick<Operation, 'method' | 'path'>): string {
  const unnamed = path.replaceAll(/(?<!\\)([:*])(?:[\p{ID_Start}$_][\p{ID_Continue}$]*|"[^"]+")/gu, '$1');
  return `${method} ${unnamed}`;
}
