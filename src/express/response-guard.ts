import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, findState, type RequestState } from './request-state.js';
import { appOf, responsesOf } from './routes.js';
import { reportWrong, whatIsWrong } from './wrong-answer.js';

type Guarded = Pick<ServerResponse, 'writeHead' | 'write' | 'end' | 'flushHeaders'>;

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
export function guardResponse(req: IncomingMessage, res: ServerResponse): Answer {
  const app = appOf(req);
  const guardedBy = placeFor(res, app);
  return { req, res, app, verdict: 'open', heldHead: undefined, guardedBy, reportWithheld: undefined };
}

/** Where the guard of the last response stands, by what that inherits from: nearly always the place for the next one. */
let last: { readonly prototype: Guarded; readonly place: Guarded } | undefined;

/** Methods that stand on the way to the shared ones may hold on to what was there before the guard: they are guarded themselves. */
function placeFor(res: ServerResponse, app: object | undefined): Guarded {
  if (hasMethods(res)) return guarded(res);
  const prototype = Object.getPrototypeOf(res) as Guarded;
  if (prototype === last?.prototype && hasSameMethods(prototype, last.place)) return last.place;
  const shared = app === undefined ? undefined : responsesOf(app);
  if (shared === undefined) return guarded(res);
  for (let each: object | null = prototype; each !== shared; each = Object.getPrototypeOf(each) as object | null) {
    if (each === null || hasMethods(each)) return guarded(res);
  }
  last = { prototype, place: guarded(shared) };
  return shared;
}

function guarded(place: Guarded): Guarded {
  if (!Object.hasOwn(place, isGuarded)) guard(place);
  return place;
}

function hasSameMethods(one: Guarded, other: Guarded): boolean {
  return (
    one.writeHead === other.writeHead &&
    one.write === other.write &&
    one.end === other.end &&
    one.flushHeaders === other.flushHeaders
  );
}

function hasMethods(place: object): boolean {
  for (const name of methods) if (Object.hasOwn(place, name)) return true;
  return false;
}

function guard(place: Guarded): void {
  const own = ownMethods(place);
  /**
   * The methods that stood here before. One that was inherited is looked up each time: an app that is mounted later makes its
   * responses inherit from those of the other app, which may have a guard of its own.
   */
  const inherited = () => Object.getPrototypeOf(place) as Guarded;
  const before = {
    writeHead: (): unknown => own.writeHead ?? inherited().writeHead,
    write: (): unknown => own.write ?? inherited().write,
    end: (): unknown => own.end ?? inherited().end,
    flushHeaders: (): unknown => own.flushHeaders ?? inherited().flushHeaders,
  };
  Object.defineProperty(place, isGuarded, { value: true });

  /** What was let go on, and is ending: it writes its head on the way. */
  let ending: ServerResponse | undefined;

  /** The state of a request whose answer is guarded here. */
  const guardedState = (res: ServerResponse): RequestState | undefined => {
    const state = findState(res.req);
    return state?.answer.guardedBy === place ? state : undefined;
  };

  /** Whether the handler's answer may go on. If not, it waits, or ours has been sent in its place. */
  const mayBegin = (res: ServerResponse, state: RequestState, status: number | undefined, adds: Added): boolean => {
    const { answer } = state;
    if (answer.verdict !== 'open') return answer.verdict === 'passed';
    const { req } = answer;
    const wrong = whatIsWrong(req, state);
    if (wrong !== undefined && !((status ?? res.statusCode) >= 400)) {
      const body = req.method === 'OPTIONS' ? bodyOfOptions(res, adds) : 'some';
      if (body === 'unknown') return false;
      if (body === 'some') {
        if (wrong.code === 'undeclared_route') state.api.onUndeclared(answer.app);
        answer.verdict = reportWrong(req, res, state, wrong) ? 'replaced' : 'passed';
        if (answer.verdict === 'replaced') replace(res);
        return answer.verdict === 'passed';
      }
    }
    answer.verdict = 'passed';
    answer.reportWithheld?.();
    return true;
  };

  const mayContinue = (res: ServerResponse, state: RequestState, adds: Added): boolean => {
    const { answer } = state;
    const { heldHead } = answer;
    if (!mayBegin(res, state, heldHead && Number(heldHead[0]), adds)) return false;
    answer.heldHead = undefined;
    if (heldHead !== undefined) call(before.writeHead(), res, heldHead);
    return true;
  };

  /** What throws has not answered: a head that node does not take is no leave for the next one. */
  const pass = (method: unknown, res: ServerResponse, state: RequestState | undefined, args: readonly unknown[]) => {
    try {
      return call(method, res, args);
    } catch (error) {
      if (state?.answer.verdict === 'passed' && !res.headersSent) state.answer.verdict = 'open';
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
    call(before.writeHead(), res, [500, 'Internal Server Error']);
    call(before.end(), res, [body, 'utf8']);
  };

  Object.assign(place, {
    writeHead(this: ServerResponse, ...args: unknown[]) {
      if (this === ending) return call(before.writeHead(), this, args);
      const state = guardedState(this);
      if (state === undefined || mayBegin(this, state, Number(args[0]), undefined)) {
        return pass(before.writeHead(), this, state, args);
      }
      if (state.answer.verdict === 'open') state.answer.heldHead = args;
      return this;
    },
    flushHeaders(this: ServerResponse) {
      const state = guardedState(this);
      if (state === undefined || mayContinue(this, state, undefined)) pass(before.flushHeaders(), this, state, []);
    },
    write(this: ServerResponse, ...args: unknown[]) {
      const state = guardedState(this);
      const [chunk] = args;
      if (state === undefined || mayContinue(this, state, isEmpty(chunk) ? undefined : { chunk })) {
        return pass(before.write(), this, state, args);
      }
      callBack(args);
      return true;
    },
    end(this: ServerResponse, ...args: unknown[]) {
      const state = guardedState(this);
      if (state === undefined || mayContinue(this, state, { chunk: args[0], isLast: true })) {
        ending = this;
        try {
          return pass(before.end(), this, state, args);
        } finally {
          ending = undefined;
        }
      }
      callBack(args);
      return this;
    },
  });
}

function call(method: unknown, res: ServerResponse, args: readonly unknown[]): unknown {
  return Reflect.apply(method as () => unknown, res, args);
}

function ownMethods(place: Guarded): Partial<Guarded> {
  return Object.fromEntries(methods.filter((name) => Object.hasOwn(place, name)).map((name) => [name, place[name]]));
}

/** What a call adds to the body: undefined where it adds nothing, and more may come. */
type Added = { readonly chunk: unknown; readonly isLast?: boolean } | undefined;

/** For OPTIONS alone it matters what the body is: `none` where it is empty, or Express's own answer. */
function bodyOfOptions(res: ServerResponse, added: Added): 'unknown' | 'some' | 'none' {
  if (added === undefined) return 'unknown';
  if (added.isLast !== true) return 'some';
  return isEmpty(added.chunk) || String(added.chunk) === res.getHeader('Allow') ? 'none' : 'some';
}

/** Whether the first argument of `write` or `end` adds nothing to the body. */
function isEmpty(chunk: unknown): boolean {
  return chunk == null || typeof chunk === 'function' || (chunk as { length?: number }).length === 0;
}

/** The callback that `write` and `end` may have been given, so that a pipe does not wait for it. */
function callBack(args: readonly unknown[]): void {
  const callback = args.at(-1);
  if (typeof callback === 'function') process.nextTick(callback as () => void);
}
