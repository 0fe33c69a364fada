import type { Principal } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import { disregard } from './disregard.js';
import type { RecordRule } from './record-rule.js';

/** What a scope can ask of a record: `{ department: 'sales' }`. */
export type Attributes = Readonly<Record<string, string | undefined | null>>;

/**
 * Which records belong to a scope: every attribute that is named must have the value, or one of the values. Compared exactly;
 * an attribute that a record lacks equals nothing. A filter that names nothing is an error, not everything.
 */
export type RecordFilter = Readonly<Record<string, string | readonly string[]>>;

/** One assignment of a client to a scope. */
export interface AssignedScope {
  /** What names the assignment in the store. */
  readonly assignment: string;
  /** The name of the scope: `sales-mailboxes`. */
  readonly scope: string;
  readonly filter: RecordFilter;
}

/** What `recordScopes` is told. */
export interface RecordScopesOptions<T> {
  /** The kind of record that is divided into scopes. */
  readonly record: RecordRule<T>;
  /** What filters may ask of a record. */
  readonly attributes: (record: T) => Attributes;
  /**
   * The scopes that a client is assigned to for a permission; several add up. Asked once per request and grant, after the
   * client's permission has been found in its token, so that a deleted assignment ends with the next request. The scopes of
   * other kinds of record are not asked for: `record` is the name of this one.
   */
  readonly assignedTo: (
    client: Principal,
    permission: string,
    record: string,
  ) => readonly AssignedScope[] | Promise<readonly AssignedScope[]>;
}

/** A kind of record, divided into scopes that an administrator assigns clients to. */
export interface RecordScopes<T> {
  readonly record: RecordRule<T>;
  attributes(record: T): Attributes;
  assignedTo(
    client: Principal,
    permission: string,
    record: string,
  ): readonly AssignedScope[] | Promise<readonly AssignedScope[]>;
}

const brand = Symbol.for('express-app-roles.record-scopes');

/**
 * Divides a kind of record into scopes, as Exchange's RBAC for Applications does with mailboxes: an application permission then
 * opens the records of the scopes that the client is assigned to, and without an assignment none.
 * Source: https://learn.microsoft.com/exchange/permissions-exo/application-rbac
 *
 * ```ts
 * const mailboxScopes = recordScopes({
 *   record: mailbox,
 *   attributes: (m) => ({ department: m.department }),
 *   assignedTo: assignments.assignedTo,
 * });
 * ```
 *
 * @throws ConfigurationError where a member is missing
 */
export function recordScopes<T>({ record, attributes, assignedTo }: RecordScopesOptions<T>): RecordScopes<T> {
  if (typeof record !== 'object' || typeof attributes !== 'function' || typeof assignedTo !== 'function') {
    throw new ConfigurationError(
      'recordScopes needs record (made by record({ … })), attributes: (record) => ({ … }) and assignedTo: (client, permission) => […].',
    );
  }
  return Object.freeze(Object.defineProperty({ record, attributes, assignedTo }, brand, { value: true }));
}

/** Whether a value was made by `recordScopes`. */
export function isRecordScopes(value: unknown): value is RecordScopes<unknown> {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === true;
}

/**
 * Whether a record has the attributes that a filter asks for.
 *
 * @throws ConfigurationError where the filter asks for nothing, or for something that is no text
 */
export function matchesFilter(attributes: Attributes, filter: RecordFilter): boolean {
  disregard(attributes);
  if (typeof attributes !== 'object' || attributes === null || attributes instanceof Promise) {
    throw new ConfigurationError('recordScopes: attributes must give an object of texts, and at once: { department }.');
  }
  const entries = Object.entries(checkFilter(filter));
  return entries.every(([name, wanted]) => {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return typeof value === 'string' && (typeof wanted === 'string' ? value === wanted : wanted.includes(value));
  });
}

/** @throws ConfigurationError where it would mean everything, or nothing that can be compared */
export function checkFilter(filter: RecordFilter): RecordFilter {
  const isFilter =
    typeof filter === 'object' &&
    filter !== null &&
    Object.keys(filter).length > 0 &&
    Object.values(filter).every(isWanted);
  if (!isFilter) {
    throw new ConfigurationError(
      "The filter of a scope names at least one attribute and the text, or texts, that it must equal: { department: 'sales' }.",
    );
  }
  return filter;
}

function isWanted(wanted: unknown): boolean {
  if (typeof wanted === 'string') return true;
  return Array.isArray(wanted) && wanted.length > 0 && wanted.every((each) => typeof each === 'string');
}

/** @throws ConfigurationError where `assignedTo` gives anything but assignments */
export function checkAssigned(assigned: unknown, { record }: RecordScopes<unknown>): readonly AssignedScope[] {
  disregard(assigned);
  if (!Array.isArray(assigned)) {
    throw new ConfigurationError(
      `recordScopes of '${record.name}': assignedTo must give an array of { assignment, scope, filter }.`,
    );
  }
  for (const each of assigned as readonly AssignedScope[]) checkFilter(each?.filter);
  return assigned as readonly AssignedScope[];
}
