import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Next } from '../express/index.js';

/** Any method. */
export type Method = (...args: never) => unknown;

/**
 * A method that handles requests of Express. Written as a method, so that the compiler accepts one that asks for an Express
 * `Request` with its own `params`, and refuses one that asks for something else.
 */
export type RouteMethod = { handle(req: IncomingMessage, res: ServerResponse, next: Next): unknown }['handle'];

/** A decorator of a method, in either way of calling it: the standard's, and that of `experimentalDecorators`. */
export interface DecoratesMethod<M extends Method> {
  (method: M, context: ClassMethodDecoratorContext & { readonly static: false; readonly private: false }): void;
  <T extends M>(prototype: object, name: string | symbol, descriptor: TypedPropertyDescriptor<T>): void;
}

/** A decorator of a class, in either way of calling it. */
export type DecoratesClass = (
  controller: abstract new (...args: never) => object,
  context?: ClassDecoratorContext,
) => void;
