import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** Asked every few seconds by platforms. */
const probes = new Set(['/health', '/ready']);

/** A line for every answer: which route, which status, how long. */
export const logRequests =
  (log: Logger): RequestHandler =>
  (req, res, next) => {
    const began = performance.now();
    res.once('close', () => {
      const { method } = req;
      const route: unknown = req.route?.path;
      const milliseconds = Math.round(performance.now() - began);
      const answer = { method, route, status: res.statusCode, milliseconds };
      if (!res.writableFinished) {
        log.warn(answer, 'the client left before the answer');
      } else {
        log[probes.has(String(route)) ? 'debug' : 'info'](answer, 'answered');
      }
    });
    next();
  };
