import type { IncomingMessage, ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import type { Caller } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import type { Catalogue, Granted, RecordRule } from '../permissions/index.js';
import type { RefusalMessage } from './messages.js';
import type { ReportOnly } from './report-only.js';
import type { Withheld } from './withhold.js';

/** What `authenticate` was set up with, as far as later steps of a request need it. */
export interface Api {
  readonly clientId: string;
  readonly catalogue: Catalogue;
  readonly severalTenants: boolean;
  readonly undeclared: 'refuse' | 'report';
  /** Undefined: refusals are enforced. */
  readonly reportOnly: ReportOnly | undefined;
  readonly objectIdsInEvents: boolean;
  /** What has been reported already. */
  readonly notices: Set<string>;
  /** Told of the app of a request that something undeclared has answered. */
  readonly onUndeclared: (app: object | undefined) => void;
}

/** How far the answer to one request has come. */
export interface Answer {
  /** What is answered. */
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** The app that it came to `authenticate` in. */
  readonly app: object | undefined;
  verdict: 'open' | 'passed' | 'replaced';
  /** What `writeHead` was given for OPTIONS, until it is known whether a body follows. */
  heldHead: unknown[] | undefined;
  /** Where the guard of this answer stands. Another that it meets on its way lets it pass. */
  readonly guardedBy: object;
  /** Reports what was withheld before the route was known; undefined where there is nothing to report. */
  reportWithheld: (() => void) | undefined;
}

/** What was decided before Express chose a route: an operation that was found by method and path. */
export interface DecidedOperation {
  /** Its template, for events. */
  readonly path: string;
  /** What is wrong where the request, or the route that Express has chosen for it, is no longer the one that was decided. */
  findMismatch(req: IncomingMessage): ConfigurationError | undefined;
}

/** A record that was looked for by its id. */
export interface LookedFor {
  readonly id: string;
  /** What `find` gave, or will give; null is a record that is not there. */
  readonly found: unknown;
}

const none: readonly never[] = Object.freeze([]);

/**
 * All that is kept on a request: written by `authenticate`, then filled as the request is decided. A class, so that printing
 * a request does not print it.
 */
export class RequestState {
  caller: Caller | undefined = undefined;
  /** One for each `allow` that has passed. */
  decisions: readonly Granted[] = none;
  isPublic = false;
  /** A declaration in a `use` has passed: it covers the routes after it. One in a route speaks for that route only. */
  isCovered = false;
  /** The operation of a document that was decided; undefined where the route has spoken for itself. */
  operation: DecidedOperation | undefined = undefined;
  /** The route in which a declaration has passed: it speaks for no other. */
  declaredIn: object | undefined = undefined;
  /** A guard of another framework decides, after the route is chosen and before its handler. */
  isLeftToGuard = false;
  /** What an `allow` or `authenticate` refused stays refused, whatever an error handler makes of it. */
  isRefused = false;
  /** The refusal that `reportOnly` has kept from the client. */
  withheld: Withheld | undefined = undefined;
  /** What was last published about the request on the refusal channel, for tests that want to know why. Kept while someone listens there. */
  lastRefusal: RefusalMessage | undefined = undefined;
  /** What was looked for last. */
  #records: Map<RecordRule<unknown>, LookedFor> | undefined;
  #reachToRead: Set<RecordRule<unknown>> | undefined;

  constructor(
    readonly api: Api,
    /** How far the answer has come: the same for every `authenticate` on the way. */
    readonly answer: Answer,
  ) {}

  get records(): Map<RecordRule<unknown>, LookedFor> {
    this.#records ??= new Map();
    return this.#records;
  }

  /** The records whose reach the handler has still to read before it may answer. */
  get reachToRead(): Set<RecordRule<unknown>> {
    this.#reachToRead ??= new Set();
    return this.#reachToRead;
  }

  get isReachRead(): boolean {
    return this.#reachToRead === undefined || this.#reachToRead.size === 0;
  }

  [inspect.custom](): string {
    return '[express-app-roles]';
  }

  toJSON(): undefined {
    return undefined;
  }
}

/** Registered, so that two copies of the library in one process agree. */
const key = Symbol.for('express-app-roles.request');

interface Keeper {
  [key]?: RequestState;
}

/**
 * The state is kept on what node keeps of the request as a stream: each request has one of its own, and nobody replaces it. Kept on
 * the request itself it would give that, after Express has changed its prototype, a hidden class of its own on Node 20: a
 * microsecond, and more for whatever reads the request afterwards.
 */
function keeperOf(req: IncomingMessage & { readonly _readableState?: Keeper }): Keeper {
  return req._readableState ?? (req as Keeper);
}

/**
 * Begins anew: what an earlier `authenticate` found is forgotten, but for how far the answer has come.
 *
 * @param guard takes the answer under guard, where no earlier one has
 */
export function beginState(
  req: IncomingMessage,
  res: ServerResponse,
  api: Api,
  guard: (req: IncomingMessage, res: ServerResponse) => Answer,
): RequestState {
  const shared = keeperOf(req);
  const known = findState(req)?.answer;
  const state = new RequestState(api, known !== undefined && isTo(res, known) ? known : guard(req, res));
  // What an application derives from a request shares its stream, and speaks for itself.
  const keeper = shared[key] === undefined || shared[key].answer.req === req ? shared : (req as Keeper);
  keeper[key] = state;
  return state;
}

/** Whether it is the answer that goes out by a response, or by what that was derived from. */
function isTo(res: ServerResponse, answer: Answer): boolean {
  return answer.res === res || answer.req === res.req;
}

/** Undefined: no `authenticate` has seen the request, nor what it was derived from. */
export function findState(req: IncomingMessage & { readonly res?: ServerResponse }): RequestState | undefined {
  const state = keeperOf(req)[key];
  if (state === undefined || state.answer.req === req) return state;
  return (req as Keeper)[key] ?? (state.answer.res === req.res ? state : undefined);
}

/** @throws ConfigurationError with the line to add, where no `authenticate` has seen the request */
export function stateOf(req: IncomingMessage): RequestState {
  const state = findState(req);
  if (state === undefined) throw unauthenticated();
  return state;
}

/** What is wrong where no `authenticate` has seen the request: the line to add. */
export function unauthenticated(): ConfigurationError {
  return new ConfigurationError(
    'No authenticate has seen this request. Before the routes, add: app.use(authenticate({ tenant, clientId, permissions }));',
  );
}

/** Whether something has said that the request may be answered. */
export function isDecided({ decisions, isPublic, isRefused }: RequestState): boolean {
  return !isRefused && (isPublic || decisions.length > 0);
}
