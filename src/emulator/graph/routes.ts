import type { Express, Request, RequestHandler, Response } from 'express';
import type { Directory } from '../directory/directory.js';
import type { WhoMay } from './who-may.js';

export interface GraphContext {
  readonly directory: Directory;
  readonly may: WhoMay;
}

/** Adds the routes of one part of Microsoft Graph. */
export type GraphRoutes = (api: Express, context: GraphContext) => void;

/** A handler whose failure, now or later, goes to the error handler. Express 4 does not see to that itself. */
export function answering(handler: (req: Request, res: Response) => void | Promise<void>): RequestHandler {
  return (req, res, next) => {
    Promise.resolve()
      .then(() => handler(req, res))
      .catch(next);
  };
}

/** A parameter of the route's path. */
export function parameter({ params }: { readonly params: object }, name: string): string {
  return String((params as Record<string, unknown>)[name]);
}
