import type { Caller } from '../caller/index.js';
import { askStore, type Facts, type Need } from '../permissions/index.js';
import { findRecord, type IdOf } from './find-record.js';
import type { RequestState } from './request-state.js';

/** Who asks, in which request, and how that names records. */
export interface Asking {
  readonly caller: Caller;
  readonly state: RequestState;
  readonly idOf: IdOf;
}

/** Looks up what a decision asked for: a record, or what is stored of the client about those that were loaded. */
export async function lookUp(need: Need, { req, loaded }: Facts, { caller, state, idOf }: Asking): Promise<unknown> {
  return 'kind' in need ? askStore(need, caller.principal, loaded) : findRecord(req, state, need, idOf);
}
