import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import type { ApplicationCaller, DelegatedCaller } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import type { Catalogue, NameOf, PermissionKind } from './catalogue.js';
import { isRecordRule, type RecordRule } from './record-rule.js';
import { isRecordScopes, type RecordScopes } from './record-scopes.js';

/** Names that open nothing by themselves: the demand is in the name. */
export type NarrowName = 'OwnedBy' | 'Selected' | `${string}.OwnedBy` | `${string}.Selected`;

/** Which records a grant is about. */
export type Narrowing =
  | { readonly kind: 'none' }
  /** Every record is open, and the declaration says so on purpose. */
  | { readonly kind: 'any-record' }
  /** The caller must own each of these. */
  | { readonly kind: 'owned'; readonly records: readonly RecordRule<unknown>[] }
  /** A list: the handler applies the reach. */
  | { readonly kind: 'owned-only'; readonly records: readonly RecordRule<unknown>[] }
  /** A new record: the handler makes the caller its owner. */
  | { readonly kind: 'creates'; readonly records: readonly RecordRule<unknown>[] }
  /** The client must have been granted the role on this record. */
  | ({ readonly kind: 'selected' } & Selection)
  /** A list of such records: the handler applies the reach. */
  | ({ readonly kind: 'selected-only' } & Selection)
  /** The record must be of a scope that the client is assigned to for the permission. */
  | ({ readonly kind: 'within' } & Scoping)
  /** A list of such records: the handler applies the reach. */
  | ({ readonly kind: 'within-only' } & Scoping);

interface Selection {
  readonly records: readonly [RecordRule<unknown>];
  readonly role: string;
}

interface Scoping {
  readonly records: readonly [RecordRule<unknown>];
  readonly scopes: RecordScopes<unknown>;
  /** The permission that assignments must be for. */
  readonly permission: string;
}

/** Narrowings of single records, which are loaded for the decision. */
export type ItemNarrowing = Extract<Narrowing, { readonly kind: 'owned' | 'selected' | 'within' }>;
/** Narrowings of lists, which only the handler's query can limit. */
export type ListNarrowing = Extract<Narrowing, { readonly kind: 'owned-only' | 'selected-only' | 'within-only' }>;

export function isItem(narrowing: Narrowing): narrowing is ItemNarrowing {
  return narrowing.kind === 'owned' || narrowing.kind === 'selected' || narrowing.kind === 'within';
}

export function isList(narrowing: Narrowing): narrowing is ListNarrowing {
  return narrowing.kind === 'owned-only' || narrowing.kind === 'selected-only' || narrowing.kind === 'within-only';
}

/** A demand of the application's own. */
export interface Condition {
  readonly name: string;
  readonly test: (facts: { readonly caller: never; readonly record: never; readonly req: IncomingMessage }) => boolean;
}

/** One alternative of a route: a kind of caller, what it must hold, and what that opens. A value: it can be printed and compared. */
export interface Grant {
  readonly kind: 'delegated' | 'application';
  /** All of these must be held. */
  readonly permissions: readonly string[];
  readonly userRole: string | undefined;
  /** Only users with such an account; a personal account also needs a permission that admits one. Undefined: any. */
  readonly account?: 'work' | 'personal';
  readonly narrowing: Narrowing;
  readonly conditions: readonly Condition[];
  /** Records of every admitted tenant, not the caller's alone. */
  readonly everyTenant: boolean;
  /** The catalogue that the names belong to. */
  readonly catalogue: Catalogue;
  readonly 'this permission needs its rule, such as .owned(record) or .selected(record)'?: never;
}

/**
 * A permission whose name ends in `OwnedBy` or `Selected`, before its rule is given: not a `Grant` yet. It has every member of
 * one, so that the compiler speaks of the member that says what to do and not of those that are missing.
 */
interface Unruled extends GrantData {
  readonly 'this permission needs its rule, such as .owned(record) or .selected(record)': true;
}

type Records = readonly [RecordRule<unknown>, ...RecordRule<unknown>[]];
type OnlyRecord<R extends Records> = R extends readonly [infer One]
  ? One extends RecordRule<infer T>
    ? T
    : undefined
  : undefined;

/** What can be said of a permission of either kind. Each step gives a new value. */
interface Steps<C, K extends 'delegated' | 'application', Self, R> {
  /** Only on records that the caller owns, and of several records, on all of them. Loaded from the route's parameters. */
  owned<const S extends Records>(...records: S): GrantOf<C, K, OnlyRecord<S>>;
  /** A list of what the caller owns: the handler reads and applies `record.reach(req)`. */
  ownedOnly(record: RecordRule<unknown>): GrantOf<C, K, R>;
  /** A new record: the handler makes `callerOf(req).principal` its owner. */
  creates(record: RecordRule<unknown>): GrantOf<C, K, R>;
  /** And another permission of the same kind, in the same token. */
  and(name: Exclude<NameOf<C, K>, NarrowName>): Self;
  /** And a condition of your own, which must return exactly `true`. `record` is the one that `.owned(record)` named. */
  when(
    name: string,
    test: (facts: { readonly caller: CallerOf<K>; readonly record: R; readonly req: IncomingMessage }) => boolean,
  ): Self;
  /** Records of every admitted tenant, not the caller's alone. */
  acrossTenants(): Self;
}

interface DelegatedSteps<C, Self> {
  /** And an app role assigned to the user: scope and the user's own right, both. */
  withUserRole(name: NameOf<C, 'userRole'>): Self;
}

interface ApplicationSteps<C> {
  /**
   * Only on records on which the client was granted the role, one by one. The role may be left out where the record's
   * `selections` name just one.
   */
  selected<T>(record: RecordRule<T>, role?: string): ApplicationGrant<C, T>;
  /** A list of such records: the handler reads and applies `record.reach(req)`. */
  selectedOnly(record: RecordRule<unknown>, role?: string): ApplicationGrant<C>;
  /** Only on records of the scopes that the client is assigned to for this permission. */
  within<T>(scopes: RecordScopes<T>): ApplicationGrant<C, T>;
  /** A list of such records: the handler reads and applies `record.reach(req)`. */
  withinOnly<T>(scopes: RecordScopes<T>): ApplicationGrant<C>;
}

type CallerOf<K> = K extends 'delegated' ? DelegatedCaller : ApplicationCaller;

export interface DelegatedGrant<C, R = undefined>
  extends Grant,
    Steps<C, 'delegated', DelegatedGrant<C, R>, R>,
    DelegatedSteps<C, DelegatedGrant<C, R>> {
  readonly kind: 'delegated';
  /** On purpose: every user with the scope, every record. */
  onAnyRecord(): DelegatedGrant<C, R>;
}

export interface ApplicationGrant<C, R = undefined>
  extends Grant,
    Steps<C, 'application', ApplicationGrant<C, R>, R>,
    ApplicationSteps<C> {
  readonly kind: 'application';
}

export interface NarrowDelegatedPermission<C>
  extends Unruled,
    Steps<C, 'delegated', NarrowDelegatedPermission<C>, undefined>,
    DelegatedSteps<C, NarrowDelegatedPermission<C>> {}
export interface NarrowApplicationPermission<C>
  extends Unruled,
    Steps<C, 'application', NarrowApplicationPermission<C>, undefined>,
    ApplicationSteps<C> {}

type GrantOf<C, K, R> = K extends 'delegated' ? DelegatedGrant<C, R> : ApplicationGrant<C, R>;

/** What `delegated(name)` gives. */
export type Delegated<C, N> = N extends NarrowName ? NarrowDelegatedPermission<C> : DelegatedGrant<C>;
/** What `application(name)` gives. */
export type Application<C, N> = N extends NarrowName ? NarrowApplicationPermission<C> : ApplicationGrant<C>;

/** Whether a name demands a rule. */
export function isNarrowName(name: string): boolean {
  const lastSegment = name.slice(name.lastIndexOf('.') + 1);
  return lastSegment === 'OwnedBy' || lastSegment === 'Selected';
}

/** A grant as one line: `application Mailbox.ReadWrite.OwnedBy, owned mailbox`. */
export function describeGrant({
  kind,
  permissions,
  userRole,
  account,
  narrowing,
  conditions,
  everyTenant,
}: Grant): string {
  const records = 'records' in narrowing ? ` ${narrowing.records.map(({ name }) => name).join(' and ')}` : '';
  const role = 'role' in narrowing ? ` as ${narrowing.role}` : '';
  const parts = [
    `${kind} ${permissions.join(' and ')}`,
    userRole === undefined ? '' : `user role ${userRole}`,
    account === undefined ? '' : `${account} accounts only`,
    narrowing.kind === 'none' ? '' : `${narrowing.kind}${records}${role}`,
    ...conditions.map(({ name }) => `when ${name}`),
    everyTenant ? 'across tenants' : '',
  ];
  return parts.filter(Boolean).join(', ');
}

type GrantData = Omit<Grant, 'this permission needs its rule, such as .owned(record) or .selected(record)'>;

/** The first step of a grant, from a checked name. */
export function declareGrant(kind: Grant['kind'], name: unknown, catalogue: Catalogue): DeclaredGrant {
  return new DeclaredGrant({
    kind,
    permissions: [checkName(name, kind, catalogue)],
    userRole: undefined,
    narrowing: Object.freeze({ kind: 'none' }),
    conditions: [],
    everyTenant: false,
    catalogue,
  });
}

/** Registered, so that two copies of the library in one process agree. */
const brand = Symbol.for('express-app-roles.grant');

/** Whether a value was made by `delegated` or `application`: one made by hand, or a copy, was not checked. */
export function isDeclaredGrant(value: unknown): value is Grant {
  return typeof value === 'object' && value !== null && (value as { [brand]?: unknown })[brand] === value;
}

/** The one implementation behind the typed steps. No state but its own frozen members. */
export class DeclaredGrant implements GrantData {
  declare readonly kind: Grant['kind'];
  declare readonly permissions: readonly string[];
  declare readonly userRole: string | undefined;
  declare readonly account?: 'work' | 'personal';
  declare readonly narrowing: Narrowing;
  declare readonly conditions: readonly Condition[];
  declare readonly everyTenant: boolean;
  declare readonly catalogue: Catalogue;

  constructor(data: GrantData) {
    Object.assign(this, data);
    Object.defineProperty(this, 'catalogue', { value: data.catalogue, enumerable: false });
    Object.defineProperty(this, brand, { value: this, enumerable: false });
    Object.freeze(this.permissions);
    Object.freeze(this.conditions);
    Object.freeze(this);
  }

  owned(...records: readonly RecordRule<unknown>[]): DeclaredGrant {
    return this.narrowed('owned', records);
  }

  ownedOnly(...records: readonly RecordRule<unknown>[]): DeclaredGrant {
    return this.narrowed('owned-only', records);
  }

  creates(...records: readonly RecordRule<unknown>[]): DeclaredGrant {
    return this.narrowed('creates', records);
  }

  onAnyRecord(): DeclaredGrant {
    if (this.kind !== 'delegated') {
      throw new ConfigurationError(
        `${this}: .onAnyRecord() is for delegated grants; an application permission is for every record as it stands.`,
      );
    }
    this.refuseSecondNarrowing('onAnyRecord');
    return this.with({ narrowing: Object.freeze({ kind: 'any-record' }) });
  }

  selected(record: RecordRule<unknown>, role?: string): DeclaredGrant {
    return this.narrowedTo(this.selection('selected', record, role));
  }

  selectedOnly(record: RecordRule<unknown>, role?: string): DeclaredGrant {
    return this.narrowedTo(this.selection('selected-only', record, role));
  }

  within(scopes: RecordScopes<unknown>): DeclaredGrant {
    return this.narrowedTo(this.scoped('within', scopes));
  }

  withinOnly(scopes: RecordScopes<unknown>): DeclaredGrant {
    return this.narrowedTo(this.scoped('within-only', scopes));
  }

  and(name: string): DeclaredGrant {
    const checked = checkName(name, this.kind, this.catalogue);
    if (isNarrowName(checked)) {
      throw new ConfigurationError(
        `${this}: .and('${checked}') would leave out the rule of ${checked}. Start the grant with it, and give its rule there.`,
      );
    }
    if (this.permissions.includes(checked)) throw new ConfigurationError(`${this}: ${checked} is named twice.`);
    return this.with({ permissions: [...this.permissions, checked] });
  }

  withUserRole(name: string): DeclaredGrant {
    if (this.kind !== 'delegated')
      throw new ConfigurationError(
        `${this}: .withUserRole() is for delegated grants; an application holds no user role.`,
      );
    if (this.userRole !== undefined) throw new ConfigurationError(`${this}: a grant names one user role.`);
    return this.with({ userRole: checkName(name, 'userRole', this.catalogue) });
  }

  /** For documents, which tell the kinds of accounts apart path by path. */
  onlyFor(account: 'work' | 'personal'): DeclaredGrant {
    return this.with({ account });
  }

  when(name: string, test: Condition['test']): DeclaredGrant {
    if (typeof name !== 'string' || name === '' || typeof test !== 'function') {
      throw new ConfigurationError(
        `${this}: .when(name, ({ caller, record, req }) => boolean) needs a name and a function.`,
      );
    }
    return this.with({ conditions: [...this.conditions, Object.freeze({ name, test })] });
  }

  acrossTenants(): DeclaredGrant {
    return this.with({ everyTenant: true });
  }

  toString(): string {
    return describeGrant(this);
  }

  [inspect.custom](): string {
    return describeGrant(this);
  }

  private narrowed(kind: 'owned' | 'owned-only' | 'creates', records: readonly RecordRule<unknown>[]): DeclaredGrant {
    this.requireRecords(records, kind === 'creates' ? 'created' : 'owned');
    return this.narrowedTo({ kind, records: Object.freeze([...records]) });
  }

  private selection(
    kind: 'selected' | 'selected-only',
    record: RecordRule<unknown>,
    role: string | undefined,
  ): Narrowing {
    this.refuseUsers(kind);
    this.requireRecords([record], 'selected');
    const { selections, name } = record;
    if (selections === undefined) {
      throw new ConfigurationError(
        `${this}: record '${name}' does not say where grants of single records are stored. Add selections to record({ … }).`,
      );
    }
    const { roles } = selections;
    const [only] = roles.length === 1 ? roles : [];
    const wanted = role ?? only;
    if (wanted === undefined || !roles.includes(wanted)) {
      throw new ConfigurationError(`${this}: .${kind}(${name}, role) needs a role of the record: ${roles.join(', ')}.`);
    }
    return { kind, records: Object.freeze([record] as const), role: wanted };
  }

  private scoped(kind: 'within' | 'within-only', scopes: RecordScopes<unknown>): Narrowing {
    this.refuseUsers(kind);
    if (!isRecordScopes(scopes))
      throw new ConfigurationError(`${this}: .${kind} takes scopes made by recordScopes({ … }).`);
    const [permission = ''] = this.permissions;
    return { kind, records: Object.freeze([scopes.record] as const), scopes, permission };
  }

  private requireRecords(records: readonly RecordRule<unknown>[], verb: string): void {
    if (records.length === 0 || !records.every(isRecordRule)) {
      throw new ConfigurationError(`${this}: name what is ${verb}, a record made by record({ … }).`);
    }
  }

  private refuseUsers(kind: string): void {
    if (this.kind === 'application') return;
    throw new ConfigurationError(`${this}: ${kind} is for application grants; a user's own rights are .owned(record).`);
  }

  private narrowedTo(narrowing: Narrowing): DeclaredGrant {
    this.refuseSecondNarrowing(narrowing.kind);
    return this.with({ narrowing: Object.freeze(narrowing) });
  }

  private refuseSecondNarrowing(step: string): void {
    if (this.narrowing.kind !== 'none')
      throw new ConfigurationError(
        `${this}: ${step} after ${this.narrowing.kind}. A grant has one rule about records.`,
      );
  }

  private with(change: Partial<GrantData>): DeclaredGrant {
    return new DeclaredGrant({ ...this, catalogue: this.catalogue, ...change });
  }
}

Object.freeze(DeclaredGrant.prototype);

function checkName(name: unknown, kind: PermissionKind, catalogue: Catalogue): string {
  if (typeof name === 'string' && Object.hasOwn(catalogue, name) && catalogue[name]?.[kind] !== undefined) return name;
  const legal = Object.keys(catalogue).filter((each) => catalogue[each]?.[kind] !== undefined);
  const others =
    typeof name === 'string' && Object.hasOwn(catalogue, name)
      ? Object.keys(catalogue[name] ?? {}).join(' and ')
      : undefined;
  throw new ConfigurationError(
    `${kind}: '${String(name)}' ${others === undefined ? 'is not in the catalogue' : `is declared as ${others} only`}. ` +
      `Names of this kind: ${legal.join(', ') || 'none'}.`,
  );
}
