import type { IncomingMessage } from 'node:http';
import { type Caller, isSamePrincipal, type Principal } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import { disregard } from './disregard.js';

/** A kind of thing that the API holds: how one is found, whose it is, and in which tenant. */
export interface RecordRule<T> {
  /** What it is called in decisions and messages. */
  readonly name: string;
  /** The route parameter that holds its id. */
  readonly param: string;
  find(id: string, req: IncomingMessage): T | undefined | null | Promise<T | undefined | null>;
  owners(record: T): readonly Principal[];
  tenant?(record: T): string;
  /** What a caller who is not an owner is told: 403, or 404 as if there were no such record. */
  readonly notOwner: 'forbidden' | 'not-found';
  /** Where grants of single records to clients are stored, if there are any. */
  readonly selections?: Selections<T>;
}

/** Grants of single records to clients, as `Sites.Selected` of Microsoft Graph has them. */
export interface Selections<T> {
  /** The roles that a client can be granted on a record. */
  readonly roles: readonly string[];
  /** What names a record in the store. */
  key(record: T): string;
  /**
   * The roles that a client, by its service principal, has been granted on a record. Asked once per request and grant, after the client's permission has
   * been found in its token, so that a deleted grant ends with the next request. `record` is the name of the kind of record.
   */
  rolesOf(client: Principal, key: string, record: string): readonly string[] | Promise<readonly string[]>;
}

/** For those who write JavaScript: whether it is a record, and not an array of them or something else. */
export function isRecordRule(value: unknown): value is RecordRule<unknown> {
  const { name, param, find, owners, notOwner } = (value ?? {}) as Partial<Record<keyof RecordRule<unknown>, unknown>>;
  return (
    typeof name === 'string' &&
    typeof param === 'string' &&
    typeof find === 'function' &&
    typeof owners === 'function' &&
    (notOwner === 'forbidden' || notOwner === 'not-found')
  );
}

/** @throws ConfigurationError where `rolesOf` gives anything but names */
export function checkRoles(roles: unknown, { name }: RecordRule<unknown>): readonly string[] {
  disregard(roles);
  if (!Array.isArray(roles) || !roles.every((role) => typeof role === 'string')) {
    throw new ConfigurationError(`record '${name}': selections.rolesOf must give an array of role names.`);
  }
  return roles;
}

/** @throws ConfigurationError where `owners` gives anything but principals */
export function isOwner<T>(caller: Pick<Caller, 'principal'>, record: T, rule: RecordRule<T>): boolean {
  const owners = rule.owners(record);
  if (!Array.isArray(owners)) {
    disregard(owners);
    throw new ConfigurationError(`record '${rule.name}': owners must return an array of { tenantId, objectId }.`);
  }
  return owners.some((owner: Principal) => isSamePrincipal(owner, caller.principal));
}

/** @throws ConfigurationError where the record does not say its tenant */
export function isOfCallersTenant<T>(caller: Pick<Caller, 'principal'>, record: T, rule: RecordRule<T>): boolean {
  if (rule.tenant === undefined) {
    throw new ConfigurationError(
      `record '${rule.name}': several tenants may call this API, so a record must name its own. Add tenant: (record) => record.tenantId.`,
    );
  }
  const tenantId = rule.tenant(record);
  disregard(tenantId);
  return isSamePrincipal({ tenantId, objectId: caller.principal.objectId }, caller.principal);
}
