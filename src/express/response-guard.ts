import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { isDeclaredFor } from './declare-for.js';
import { publishNotice, publishRefused } from './events.js';
import { type Answer, findState, isDecided, stateOf } from './request-state.js';
import { responsesOf, routeTemplate } from './routes.js';
import { reportUndeclared, undeclaredRoute } from './undeclared.js';
import { withhold } from './withhold.js';

type Guarded = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>;
type Body = 'unknown' | 'some' | 'none';

const methods = ['writeHead', 'write', 'end', 'flushHeaders'] as const;
const isGuarded = Symbol.for('express-app-roles.guarded');

/**
 * The second net: no success leaves the server for a request that nothing declared, that was refused before, or whose handler
 * never read the reach that its route's grants demand. The answer is replaced by a 500 before its first byte. Errors (400 and
 * above) pass, for a 404 belongs to no route. So does an answer to OPTIONS, for the sake of preflights, if its body is empty
 * or repeats `Allow`, as Express's own does.
 *
 * Every way in which a response can begin is guarded: a guarded `writeHead` alone would stop the head and let the body through.
 * The guard stands once on what the responses of all apps of one copy of Express inherit from, and passes what `authenticate` has
 * not seen. Where a middleware before `authenticate`, or the app, has put methods of its own before those, it stands on the
 * response itself. Not seen: bytes written to the socket itself, 1xx answers, and apps of another copy of Express that a function
 * of the application calls.
 */
export function guardResponse(res: ServerResponse, app: object | undefined, onUndeclared: () => void): Answer {
  const place = placeFor(res, app);
  if (!Object.hasOwn(place, isGuarded)) guard(place);
  return { verdict: 'open', heldHead: undefined, guardedBy: place, onUndeclared, reportWithheld: undefined };
}

/** Methods that stand on the way to the shared ones may hold on to what was there before the guard: they are guarded themselves. */
function placeFor(res: ServerResponse, app: object | undefined): Guarded {
  const shared = app === undefined ? undefined : responsesOf(app);
  for (let each: object | null = res; each !== shared; each = Object.getPrototypeOf(each) as object | null) {
    if (each === null || methods.some((name) => Object.hasOwn(each as object, name))) return res;
  }
  return shared ?? res;
}

function guard(place: Guarded): void {
  const own: Partial<Record<keyof Guarded, unknown>> = {};
  for (const name of methods) if (Object.hasOwn(place, name)) own[name] = place[name];
  /**
   * The method that stood here before. One that was inherited is looked up each time: an app that is mounted later makes its
   * responses inherit from those of the other app, which may have a guard of its own.
   */
  const before = (name: keyof Guarded): unknown => own[name] ?? (Object.getPrototypeOf(place) as Guarded)[name];
  Object.defineProperty(place, isGuarded, { value: true });

  const answerOf = (res: ServerResponse): Answer | undefined => {
    const answer = findState(res.req)?.answer;
    return answer?.guardedBy === place ? answer : undefined;
  };

  /** Whether the handler's answer may go on. If not, it waits, or ours has been sent in its place. */
  const mayBegin = (res: ServerResponse, answer: Answer, status: number, body: Body): boolean => {
    if (answer.verdict !== 'open') return answer.verdict === 'passed';
    const { req } = res;
    const problem = status >= 400 ? undefined : findProblem(req);
    if (problem !== undefined && req.method === 'OPTIONS' && body === 'unknown') return false;
    if (problem === undefined || (req.method === 'OPTIONS' && body === 'none')) {
      answer.verdict = 'passed';
      answer.reportWithheld?.();
      return true;
    }
    if (problem.code === 'undeclared_route') answer.onUndeclared();
    answer.verdict = report(res, problem) ? 'replaced' : 'passed';
    if (answer.verdict === 'replaced') replace(res);
    return answer.verdict === 'passed';
  };

  const mayContinue = (res: ServerResponse, answer: Answer, body: Body): boolean => {
    const { heldHead } = answer;
    const status = heldHead === undefined ? res.statusCode : Number(heldHead[0]);
    if (!mayBegin(res, answer, status, body)) return false;
    answer.heldHead = undefined;
    if (heldHead !== undefined) call(before('writeHead'), res, heldHead);
    return true;
  };

  /** What throws has not answered: a head that node does not take is no leave for the next one. */
  const pass = (name: keyof Guarded, res: ServerResponse, answer: Answer | undefined, args: readonly unknown[]) => {
    try {
      return call(before(name), res, args);
    } catch (error) {
      if (answer?.verdict === 'passed' && !res.headersSent) answer.verdict = 'open';
      throw error;
    }
  };

  /** By the methods that stood here before, so that the guard is not asked about its own answer. */
  const replace = (res: ServerResponse): void => {
    for (const name of res.getHeaderNames()) res.removeHeader(name);
    // In a corked response newer releases of Node end the body before what compression still adds to it.
    while (res.writableCorked > 0) res.uncork();
    const problem = { type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'misconfigured' };
    const body = JSON.stringify(problem);
    res.setHeader('Content-Type', 'application/problem+json');
    res.setHeader('Content-Length', Buffer.byteLength(body));
    call(before('writeHead'), res, [500, 'Internal Server Error']);
    call(before('end'), res, [body, 'utf8']);
  };

  Object.assign(place, {
    writeHead(this: ServerResponse, ...args: unknown[]) {
      const answer = answerOf(this);
      if (answer === undefined || mayBegin(this, answer, Number(args[0]), 'unknown')) {
        return pass('writeHead', this, answer, args);
      }
      if (answer.verdict === 'open') answer.heldHead = args;
      return this;
    },
    flushHeaders(this: ServerResponse) {
      const answer = answerOf(this);
      if (answer === undefined || mayContinue(this, answer, 'unknown')) pass('flushHeaders', this, answer, []);
    },
    write(this: ServerResponse, ...args: unknown[]) {
      const answer = answerOf(this);
      const body = isEmpty(args[0]) ? 'unknown' : 'some';
      if (answer === undefined || mayContinue(this, answer, body)) return pass('write', this, answer, args);
      callBack(args);
      return true;
    },
    end(this: ServerResponse, ...args: unknown[]) {
      const answer = answerOf(this);
      if (answer === undefined || mayContinue(this, answer, bodyOfEnd(this, args[0])))
        return call(before('end'), this, args);
      callBack(args);
      return this;
    },
  });
}

function call(method: unknown, res: ServerResponse, args: readonly unknown[]): unknown {
  return Reflect.apply(method as () => unknown, res, args);
}

/** What `end` adds to the body. Only for OPTIONS does it matter whether it is Express's own answer. */
function bodyOfEnd(res: ServerResponse, chunk: unknown): Body {
  if (isEmpty(chunk)) return 'none';
  return res.req.method === 'OPTIONS' && String(chunk) === res.getHeader('Allow') ? 'none' : 'some';
}

/** Whether the first argument of `write` or `end` adds nothing to the body. */
function isEmpty(chunk: unknown): boolean {
  return chunk == null || typeof chunk === 'function' || (chunk as { length?: number }).length === 0;
}

interface Problem {
  readonly code: 'undeclared_route' | 'other_operation' | 'answered_after_refusal' | 'reach_not_read';
  readonly error: ConfigurationError;
}

function findProblem(req: IncomingMessage): Problem | undefined {
  const state = stateOf(req);
  if (state.withheld !== undefined) return undefined;
  if (state.isRefused) {
    return {
      code: 'answered_after_refusal',
      error: new ConfigurationError(
        'The request was refused, but it was answered with a success. An error handler must answer with the status of the error, not call next().',
      ),
    };
  }
  if (!isDecided(state) || !isDeclaredFor(req, state)) return { code: 'undeclared_route', error: undeclaredRoute(req) };
  const mismatch = state.operation?.findMismatch(req);
  if (mismatch !== undefined) return { code: 'other_operation', error: mismatch };
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
function report(res: ServerResponse, { code, error }: Problem): boolean {
  const { req } = res;
  const state = stateOf(req);
  if (code === 'undeclared_route' && state.api.undeclared === 'report') {
    reportUndeclared(req, state.api);
    return false;
  }
  if (state.api.reportOnly !== undefined) {
    withhold(req, state, { res, error, explanation: [] });
    state.answer.reportWithheld?.();
    return false;
  }
  publishRefused(req, state, error);
  publishNotice(state.api, { code, message: error.message, method: req.method, route: routeTemplate(req) });
  return true;
}

/** The callback that `write` and `end` may have been given, so that a pipe does not wait for it. */
function callBack(args: readonly unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback === 'function') process.nextTick(callback as () => void);
}
