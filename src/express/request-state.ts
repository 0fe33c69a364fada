import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import type { Catalogue, Granted, RecordRule } from '../permissions/index.js';

/** What `authenticate` was set up with, as far as later steps of a request need it. */
export interface Api {
  readonly clientId: string;
  readonly catalogue: Catalogue;
  readonly severalTenants: boolean;
  readonly undeclared: 'refuse' | 'report';
  readonly objectIdsInEvents: boolean;
  /** What has been reported already. */
  readonly notices: Set<string>;
}

/** All that is kept on a request: written by `authenticate`, then filled as the request is decided. */
export interface RequestState {
  readonly api: Api;
  readonly caller: Caller | undefined;
  /** One for each `allow` that has passed. */
  readonly decisions: Granted[];
  isPublic: boolean;
  /** What `find` gave, or will give; null is a record that is not there. */
  readonly records: Map<RecordRule<unknown>, unknown>;
  /** The records whose reach the handler has still to read before it may answer. */
  readonly reachToRead: Set<RecordRule<unknown>>;
}

/** Registered, so that an ESM and a CommonJS copy of the library in one process agree. */
const key = Symbol.for('express-app-roles.request');

interface Keeper {
  [key]?: RequestState;
}

export function keepState(req: IncomingMessage, api: Api, caller: Caller | undefined): RequestState {
  const state: RequestState = {
    api,
    caller,
    decisions: [],
    isPublic: false,
    records: new Map(),
    reachToRead: new Set(),
  };
  Object.defineProperty(req, key, { value: state, enumerable: false, configurable: true });
  return state;
}

/** Undefined: no `authenticate` has seen the request. */
export function findState(req: IncomingMessage): RequestState | undefined {
  return (req as Keeper)[key];
}

/** @throws ConfigurationError with the line to add, where no `authenticate` has seen the request */
export function stateOf(req: IncomingMessage): RequestState {
  const state = findState(req);
  if (state === undefined) {
    throw new ConfigurationError(
      'No authenticate has seen this request. Before the routes, add: app.use(authenticate({ tenant, clientId, permissions }));',
    );
  }
  return state;
}

/** Whether something has said that the request may be answered. */
export function isDecided({ decisions, isPublic }: RequestState): boolean {
  return isPublic || decisions.length > 0;
}
