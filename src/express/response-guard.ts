import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { publishNotice, publishRefused } from './events.js';
import { isDecided, stateOf } from './request-state.js';
import { routeTemplate } from './routes.js';
import { reportUndeclared, undeclaredRoute } from './undeclared.js';

/**
 * The second net: no success leaves the server for a request that nothing declared, that was refused before, or whose handler
 * never read the reach that its route's grants demand. The answer is replaced by a 500 before its first byte. Errors (400 and
 * above) pass, for a 404 belongs to no route. So does an answer to OPTIONS, for the sake of preflights, if its body is empty
 * or repeats `Allow`, as Express's own does.
 *
 * Every way in which a response can begin is wrapped, for this response alone: a wrapped `writeHead` would stop the head and
 * let the body through. Not seen: bytes written to the socket itself, and 1xx answers.
 */
export function guardResponse(req: IncomingMessage, res: ServerResponse, onUndeclared: () => void): void {
  const { writeHead, write, end, flushHeaders } = res;
  let verdict: 'open' | 'passed' | 'replaced' = 'open';
  /** What `writeHead` was given for OPTIONS, until it is known whether a body follows. */
  let heldHead: unknown[] | undefined;

  /** Whether the handler's answer may go on. If not, it waits, or ours has been sent in its place. */
  function mayBegin(status: number, body: 'unknown' | 'some' | 'none'): boolean {
    if (verdict !== 'open') return verdict === 'passed';
    const problem = status >= 400 ? undefined : findProblem(req);
    if (problem !== undefined && req.method === 'OPTIONS' && body === 'unknown') return false;
    if (problem === undefined || (req.method === 'OPTIONS' && body === 'none')) {
      verdict = 'passed';
      return true;
    }
    if (problem.code === 'undeclared_route') onUndeclared();
    verdict = report(req, problem) ? 'replaced' : 'passed';
    if (verdict === 'replaced') replace();
    return verdict === 'passed';
  }

  function replace(): void {
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    const body = JSON.stringify({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      code: 'misconfigured',
    });
    res.setHeader('Content-Type', 'application/problem+json');
    res.setHeader('Content-Length', Buffer.byteLength(body));
    apply(writeHead, [500, 'Internal Server Error']);
    end.call(res, body, 'utf8');
  }

  function mayContinue(body: 'unknown' | 'some' | 'none'): boolean {
    const head = heldHead;
    if (!mayBegin(head === undefined ? res.statusCode : Number(head[0]), body)) return false;
    heldHead = undefined;
    if (head !== undefined) apply(writeHead, head);
    return true;
  }

  res.writeHead = function guardedWriteHead(this: ServerResponse, ...args: unknown[]) {
    if (mayBegin(Number(args[0]), 'unknown')) apply(writeHead, args);
    else if (verdict === 'open') heldHead = args;
    return res;
  } as typeof writeHead;
  res.flushHeaders = function guardedFlushHeaders() {
    if (mayContinue('unknown')) flushHeaders.call(res);
  };
  res.write = function guardedWrite(...args: unknown[]) {
    if (mayContinue(isEmpty(args[0]) ? 'unknown' : 'some')) return apply(write, args);
    callBack(args);
    return true;
  } as typeof write;
  res.end = function guardedEnd(...args: unknown[]) {
    if (mayContinue(bodyOf(args[0]))) return apply(end, args);
    callBack(args);
    return res;
  } as typeof end;

  /** What `end` adds to the body. Only for OPTIONS does it matter whether it is Express's own answer. */
  const bodyOf = (chunk: unknown) =>
    isEmpty(chunk) || (req.method === 'OPTIONS' && String(chunk) === res.getHeader('Allow')) ? 'none' : 'some';

  const apply = <R>(method: (...args: never[]) => R, args: unknown[]): R => method.apply(res, args as never[]);
}

/** Whether the first argument of `write` or `end` adds nothing to the body. */
function isEmpty(chunk: unknown): boolean {
  return chunk == null || typeof chunk === 'function' || (chunk as { length?: number }).length === 0;
}

interface Problem {
  readonly code: 'undeclared_route' | 'answered_after_refusal' | 'reach_not_read';
  readonly error: ConfigurationError;
}

function findProblem(req: IncomingMessage): Problem | undefined {
  const state = stateOf(req);
  if (state.isRefused) {
    return {
      code: 'answered_after_refusal',
      error: new ConfigurationError(
        'The request was refused, but it was answered with a success. An error handler must answer with the status of the error, not call next().',
      ),
    };
  }
  if (!isDecided(state)) return { code: 'undeclared_route', error: undeclaredRoute(req) };
  if (state.isReachRead) return undefined;
  const names = [...state.reachToRead].map(({ name }) => name).join(' and ');
  return {
    code: 'reach_not_read',
    error: new ConfigurationError(
      `The route's grants limit a list to what the caller owns, but its handler did not read ${names}.reach(req). Read it, and apply it in the query.`,
    ),
  };
}

/** @returns whether the answer must be replaced */
function report(req: IncomingMessage, { code, error }: Problem): boolean {
  const state = stateOf(req);
  if (code === 'undeclared_route' && state.api.undeclared === 'report') {
    reportUndeclared(req, state.api);
    return false;
  }
  publishRefused(req, state, error);
  publishNotice(state.api, { code, message: error.message, route: routeTemplate(req) });
  return true;
}

/** The callback that `write` and `end` may have been given, so that a pipe does not wait for it. */
function callBack(args: readonly unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback === 'function') process.nextTick(callback as () => void);
}
