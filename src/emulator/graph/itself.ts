import type { Request, RequestHandler, Response } from 'express';
import type { ApplicationCaller } from '../../caller/index.js';
import { callerIfAny } from '../../express/index.js';
import type { RecordRule } from '../../permissions/index.js';
import { parameter } from './routes.js';

/** Answers a client that asks about itself, which takes no permission; every other request goes on to the route that asks for one. */
export function toItself<T>(
  { find }: RecordRule<T>,
  isItself: (caller: ApplicationCaller, found: T) => boolean,
  answer: (req: Request, res: Response, found: T) => void,
): RequestHandler {
  return (req, res, next) => {
    const caller = callerIfAny(req);
    if (caller?.kind !== 'application') {
      next('route');
      return;
    }
    Promise.resolve(find(parameter(req, 'id'), req))
      .then((found) => (found && isItself(caller, found) ? answer(req, res, found) : next('route')))
      .catch(next);
  };
}
