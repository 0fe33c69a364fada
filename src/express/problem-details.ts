import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal } from '../errors/index.js';
import { type Next, named } from './middleware.js';
import { sendProblem } from './send-problem.js';

/**
 * An error handler for this library's refusals: RFC 9457 problem details with the stable `code`. Every other error, a mistake
 * in the application's own declarations among them, goes on to the next handler. Mount it after the routes.
 *
 * ```ts
 * app.use(problemDetails());
 * ```
 */
export function problemDetails(): (error: unknown, req: IncomingMessage, res: ServerResponse, next: Next) => void {
  return named('problemDetails', (error: unknown, _req: IncomingMessage, res: ServerResponse, next: Next) => {
    if (!isRefusal(error) || res.headersSent) return next(error);
    const { status, code, message: detail } = error;
    for (const [name, value] of Object.entries(error.headers)) res.setHeader(name, value);
    sendProblem(res, { status, detail, code });
  });
}
