import type { IncomingMessage } from 'node:http';
import type { Principal } from '../caller/index.js';
import { ConfigurationError, Refusal } from '../errors/index.js';
import {
  isOfCallersTenant,
  narrowest,
  type Reach,
  type RecordRule,
  reachOf,
  type Selections,
} from '../permissions/index.js';
import { publishRefused } from './events.js';
import { findRecord } from './find-record.js';
import { provenState } from './refuse.js';
import type { RequestState } from './request-state.js';

/** What `record` is told. */
export interface RecordOptions<T> {
  /** What it is called in decisions and messages: `'mailbox'`. */
  readonly name: string;
  /** The route parameter that holds its id. `'id'` by default. */
  readonly param?: string;
  /** Finds one by its id, once per request. Nothing found (undefined, null) is 404; what it throws is the application's own error. */
  readonly find: (id: string, req: IncomingMessage) => T | undefined | null | Promise<T | undefined | null>;
  /** Who owns it: users and service principals, as `{ tenantId, objectId }`. */
  readonly owners: (record: NoInfer<T>) => readonly Principal[];
  /** Its tenant, a GUID. Required where several tenants may call: one of another tenant is 404. */
  readonly tenant?: (record: NoInfer<T>) => string;
  /**
   * What a caller is told who holds the permission but does not own the record, or was not granted it. `'forbidden'`: 403. `'not-found'`: 404, byte for
   * byte as if there were none; choose it where the existence of a record is itself confidential.
   */
  readonly notOwner: 'forbidden' | 'not-found';
  /** Where grants of single records to clients are stored: for permissions that end in `Selected`. */
  readonly selections?: {
    /** The roles that a client can be granted on a record, such as `['read', 'send']`. */
    readonly roles: readonly string[];
    /** What names a record in the store: its own id, not what the client wrote. */
    readonly key: (record: NoInfer<T>) => string;
    /** The roles that a client, by its service principal, has been granted on a record. */
    readonly rolesOf: Selections<T>['rolesOf'];
  };
}

/** A kind of record: named by grants, read by handlers. */
export interface RecordType<T> extends RecordRule<T> {
  /**
   * The record that the route's grants named, as it was loaded for the decision.
   * @throws ConfigurationError where no grant of the route names it: then use `load`
   */
  of(req: IncomingMessage): T;
  /**
   * Which records this request may touch: for the WHERE of a query.
   * @throws ConfigurationError where no `allow` has passed
   */
  reach(req: IncomingMessage): Reach;
  /**
   * Loads the record on a route whose grants do not name it. Its owner is not asked for; its tenant is.
   * @throws Refusal 404 where there is none
   */
  load(req: IncomingMessage): Promise<T>;
}

/**
 * Declares a kind of record that the API holds and that may have owners.
 *
 * ```ts
 * const mailbox = record<Mailbox>({
 *   name: 'mailbox',
 *   find: (id) => store.mailbox(id),
 *   owners: (m) => m.owners,
 *   notOwner: 'forbidden',
 * });
 * ```
 *
 * @throws ConfigurationError where a member is missing
 */
export function record<T>(options: RecordOptions<T>): RecordType<T> {
  const { name, param = 'id', find, owners, tenant, notOwner, selections } = checkOptions(options);

  const type: RecordType<T> = {
    name,
    param,
    find,
    owners,
    ...(tenant === undefined ? {} : { tenant }),
    notOwner,
    ...(selections === undefined ? {} : { selections: Object.freeze({ ...selections }) }),
    of(req) {
      const loaded = provenState(req).records.get(type as RecordRule<unknown>)?.found;
      if (loaded == null || loaded instanceof Promise) {
        throw new ConfigurationError(
          `${name}.of(req): no grant of this route names ${name}. Write .owned(${name}) in one, or await ${name}.load(req).`,
        );
      }
      return loaded as T;
    },
    reach(req) {
      const state = provenState(req);
      state.reachToRead.delete(type as RecordRule<unknown>);
      return reachOfRequest(state, type as RecordRule<unknown>);
    },
    async load(req) {
      const state = provenState(req);
      if (state.caller === undefined || state.decisions.length === 0) {
        throw new ConfigurationError(`${name}.load(req): no allow of this route has passed. Declare the route first.`);
      }
      const loaded = await findRecord(req, state, type as RecordRule<unknown>);
      if (loaded === null || !isInReach(state, loaded as T, type)) {
        const refusal = new Refusal('not_found');
        publishRefused(req, state, refusal);
        throw refusal;
      }
      return loaded as T;
    },
  };
  return Object.freeze(type);
}

function reachOfRequest({ caller, decisions, api }: RequestState, rule: RecordRule<unknown>): Reach {
  if (caller === undefined || decisions.length === 0)
    throw new ConfigurationError(
      `${rule.name}.reach(req): no allow of this route has passed. Declare the route first.`,
    );
  return narrowest(decisions.map((granted) => reachOf(caller, granted, rule, api.severalTenants)));
}

function isInReach<T>(state: RequestState, loaded: T, rule: RecordRule<T>): boolean {
  const { api, caller, decisions } = state;
  if (!api.severalTenants || caller === undefined) return true;
  return (
    decisions.every(({ grants }) => grants.some(({ everyTenant }) => everyTenant)) ||
    isOfCallersTenant(caller, loaded, rule)
  );
}

const optionNames: readonly (keyof RecordOptions<unknown>)[] = [
  'name',
  'param',
  'find',
  'owners',
  'tenant',
  'notOwner',
  'selections',
];

function checkOptions<T>(options: RecordOptions<T>): RecordOptions<T> {
  const unknown = Object.keys(options ?? {}).find((name) => !(optionNames as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(`record: '${unknown}' is not an option. The options are ${optionNames.join(', ')}.`);
  }
  const { name, param = 'id', find, owners, tenant, notOwner, selections } = options ?? {};
  if (typeof name !== 'string' || name === '')
    throw new ConfigurationError("record: name is missing, for example name: 'mailbox'.");
  if (typeof param !== 'string' || param === '')
    throw new ConfigurationError(`record '${name}': param must be the name of a route parameter.`);
  if (typeof find !== 'function')
    throw new ConfigurationError(`record '${name}': find is missing: (id) => the record, or undefined.`);
  if (typeof owners !== 'function')
    throw new ConfigurationError(`record '${name}': owners is missing: (record) => [{ tenantId, objectId }].`);
  if (tenant !== undefined && typeof tenant !== 'function')
    throw new ConfigurationError(`record '${name}': tenant must be a function.`);
  if (notOwner !== 'forbidden' && notOwner !== 'not-found') {
    throw new ConfigurationError(
      `record '${name}': choose notOwner: 'forbidden' (403) or 'not-found' (404, as if there were none).`,
    );
  }
  if (selections !== undefined) checkSelections(name, selections);
  return options;
}

function checkSelections(
  name: string,
  { roles, key, rolesOf }: Partial<Record<keyof Selections<never>, unknown>>,
): void {
  const areRoles = Array.isArray(roles) && roles.length > 0 && roles.every((role) => typeof role === 'string' && role);
  if (!areRoles || typeof key !== 'function' || typeof rolesOf !== 'function') {
    throw new ConfigurationError(
      `record '${name}': selections needs roles: ['…'], key: (record) => record.id and rolesOf: (client, key) => […].`,
    );
  }
}
