import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { publishNotice, publishRefused } from './events.js';
import { isDecided, type RequestState, stateOf } from './request-state.js';
import { routeTemplate } from './routes.js';
import { reportUndeclared, undeclaredRoute } from './undeclared.js';

/**
 * The second net: no success leaves the server for a request that nothing declared, or whose handler never read the reach
 * that its route's grants demand. The answer is replaced by a 500 before its first byte. Errors (400 and above) pass, for a
 * 404 belongs to no route, and so does OPTIONS, for the sake of preflights.
 *
 * Every way in which a response can begin is wrapped, for this response alone: a wrapped `writeHead` would stop the head and
 * let the body through. Not seen: bytes written to the socket itself, and 1xx answers.
 */
export function guardResponse(req: IncomingMessage, res: ServerResponse, onUndeclared: () => void): void {
  const { writeHead, write, end, flushHeaders } = res;
  let checked = false;
  let replaced = false;

  /** Whether the handler's answer may go on; if not, ours has been sent in its place. */
  function mayBegin(status: number): boolean {
    if (checked) return !replaced;
    checked = true;
    const problem = status >= 400 || req.method === 'OPTIONS' ? undefined : findProblem(req, onUndeclared);
    if (problem === undefined) return true;
    replaced = true;
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    const body = JSON.stringify({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'misconfigured',
    });
    res.statusCode = 500;
    res.statusMessage = 'Internal Server Error';
    res.setHeader('Content-Type', 'application/problem+json');
    res.setHeader('Content-Length', Buffer.byteLength(body));
    end.call(res, body, 'utf8');
    return false;
  }

  res.writeHead = function guardedWriteHead(this: ServerResponse, ...args: unknown[]) {
    if (replaced ? !res.headersSent : mayBegin(Number(args[0]))) apply(writeHead, args);
    return res;
  } as typeof writeHead;
  res.flushHeaders = function guardedFlushHeaders() {
    if (mayBegin(res.statusCode)) flushHeaders.call(res);
  };
  res.write = function guardedWrite(...args: unknown[]) {
    if (mayBegin(res.statusCode)) return apply(write, args);
    callBack(args);
    return true;
  } as typeof write;
  res.end = function guardedEnd(...args: unknown[]) {
    if (mayBegin(res.statusCode)) return apply(end, args);
    callBack(args);
    return res;
  } as typeof end;

  const apply = <R>(method: (...args: never[]) => R, args: unknown[]): R => method.apply(res, args as never[]);
}

function findProblem(req: IncomingMessage, onUndeclared: () => void): ConfigurationError | undefined {
  const state = stateOf(req);
  if (!isDecided(state)) {
    onUndeclared();
    if (state.api.undeclared === 'report') {
      reportUndeclared(req, state.api);
      return undefined;
    }
    return report(req, state, 'undeclared_route', undeclaredRoute(req));
  }
  if (state.reachToRead.size === 0) return undefined;
  const names = [...state.reachToRead].map(({ name }) => name).join(' and ');
  return report(
    req,
    state,
    'reach_not_read',
    new ConfigurationError(
      `The route's grants limit a list to what the caller owns, but its handler did not read ${names}.reach(req). Read it, and apply it in the query.`,
    ),
  );
}

function report(
  req: IncomingMessage,
  state: RequestState,
  code: 'undeclared_route' | 'reach_not_read',
  error: ConfigurationError,
): ConfigurationError {
  publishRefused(req, state, error);
  publishNotice(state.api, { code, message: error.message, route: routeTemplate(req) });
  return error;
}

/** The callback that `write` and `end` may have been given, so that a pipe does not wait for it. */
function callBack(args: readonly unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback === 'function') process.nextTick(callback as () => void);
}
