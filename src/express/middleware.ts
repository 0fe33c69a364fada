import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * A middleware, typed by node's request and response: an Express handler after it keeps its own `req.params`.
 */
export type Middleware = (req: IncomingMessage, res: ServerResponse, next: Next) => void;
export type Next = (error?: unknown) => void;

/** Names a handler, for Express and traces: where a function stands in one of its own name, bundling calls it something else. */
export function named<H extends (...args: never[]) => unknown>(name: string, handler: H): H {
  return Object.defineProperty(handler, 'name', { value: name });
}

/** Does work that may be synchronous, and gives its outcome to exactly one of the two. */
export function settle<T>(work: () => T | Promise<T>, done: (value: T) => void, fail: (error: unknown) => void): void {
  let outcome: T | Promise<T>;
  try {
    outcome = work();
  } catch (error) {
    fail(error);
    return;
  }
  if (outcome instanceof Promise) outcome.then(done, fail);
  else done(outcome);
}

/** An error that can be given to `next`: anything else thrown (`undefined`, `'route'`) would mean "go on" to Express. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('A value that is not an Error was thrown.', { cause: thrown });
}
