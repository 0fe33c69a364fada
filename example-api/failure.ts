import { STATUS_CODES } from 'node:http';
import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';

/**
 * The last resort: what no other handler has answered. An outage of the database is 503, with a time after which to try again;
 * anything else is 500. Messages of errors may quote what a client sent, so the log gets name, code and place.
 */
export const answerFailures =
  (log: Logger): ErrorRequestHandler =>
  (error, req, res, next) => {
    const status = isOutage(error) ? 503 : 500;
    log.error({ method: req.method, route: req.route?.path, status, ...describeError(error) }, 'failed');
    if (res.headersSent) {
      next(error);
      return;
    }
    if (status === 503) {
      res.set('Retry-After', '2');
    }
    const problem = { type: 'about:blank', title: STATUS_CODES[status], status };
    res.status(status).type('application/problem+json').send(JSON.stringify(problem));
  };

export function describeError(error: unknown) {
  const { name, code, stack } = Object(error) as { name?: unknown; code?: unknown; stack?: unknown };
  const at = String(stack ?? '')
    .split('\n')
    .filter((line) => line.startsWith('    at '));
  return { error: name, code, at };
}

/** Of a connection to the database: refused, broken, or waited for in vain. */
const connectionErrors = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND']);

/** What the driver says without a code. */
const driverMessages = [
  /^Connection terminated/,
  /^timeout exceeded when trying to connect$/,
  /^Query read timeout$/,
  /^Client has encountered a connection error/,
];

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) {
    return false;
  }
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') {
    return driverMessages.some((message) => message.test(error.message));
  }
  // SQLSTATE classes 08 (connection), 53 (resources), and of 57 what an operator did: shutdown, crash, starting up.
  return connectionErrors.has(code) || /^(08|53)...$|^57P0[1-3]$/.test(code);
}
