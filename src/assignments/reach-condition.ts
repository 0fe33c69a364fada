import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import type { Principal } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import { checkFilter, type Reach, type RecordFilter } from '../permissions/index.js';
import type { AnyCondition, AnyExpressionBuilder, AnyQuery } from './any-kysely.js';
import type { AssignmentTables } from './assignment-tables.js';

/** How a table keeps what reaches speak of. */
export interface ReachColumns<Tables, T extends keyof Tables & string> {
  /** The name of the kind of record: the `name` of `record({ … })`. */
  readonly record: string;
  /** The table, under this name in the query too. */
  readonly table: T;
  /** Its primary key; as text it is what the `selections` of the record give as `key`. */
  readonly key: keyof Tables[T] & string;
  readonly keyType: 'uuid' | 'text' | 'integer' | 'bigint';
  /** A query for the keys of what a principal owns, by tenant AND object id. It wants an index on both. */
  readonly owned: (by: Principal) => AnyQuery;
  /** The column of the record's tenant, of type `uuid`, or GUIDs in lower case. Needed where several tenants may call. */
  readonly tenant?: keyof Tables[T] & string;
  /**
   * The columns of the attributes that filters of scopes may name, by their names there. Of type `text`, and compared as the
   * library does: exactly.
   */
  readonly attributes?: Readonly<Record<string, keyof Tables[T] & string>>;
}

/**
 * Reaches as conditions of a query on one table, in PostgreSQL: a list then has what the decision on each of its items would
 * open, and an index finds it.
 *
 * ```ts
 * const mailboxesIn = reachCondition<Tables, 'mailboxes'>({
 *   record: 'mailbox',
 *   table: 'mailboxes',
 *   key: 'id',
 *   keyType: 'uuid',
 *   tenant: 'tenant_id',
 *   owned: (by) =>
 *     database
 *       .selectFrom('mailbox_owners')
 *       .where('tenant_id', '=', by.tenantId)
 *       .where('object_id', '=', by.objectId)
 *       .select('mailbox_id'),
 *   attributes: { department: 'department' },
 * });
 * const list = (reach: Reach) => database.selectFrom('mailboxes').where(mailboxesIn(reach)).select('id').execute();
 * ```
 *
 * Selected records are looked up in the table of `kyselyAssignments`, in the same database.
 *
 * @returns a function of the reach, which throws ConfigurationError for what it has no column for, or does not know: never
 * everything. A reach within no scope is no record.
 */
export function reachCondition<Tables, T extends keyof Tables & string>(
  columns: ReachColumns<Tables, T>,
): (reach: Reach) => (eb: AnyExpressionBuilder) => AnyCondition {
  return (reach) => (eb) => conditionOf(eb as Builder, reach, columns as unknown as Columns) as unknown as AnyCondition;
}

// biome-ignore lint/suspicious/noExplicitAny: with any table, each column is.
type Builder = ExpressionBuilder<any, any>;
type Condition = Expression<SqlBool>;
// biome-ignore lint/suspicious/noExplicitAny: with any table, each column is.
type Columns = ReachColumns<any, string>;

function conditionOf(eb: Builder, reach: Reach, columns: Columns): Condition {
  switch (reach.kind) {
    case 'all':
      return eb.lit(true);
    case 'tenant':
      return isOfTenant(eb, reach.tenantId, columns);
    case 'owned':
      return inTenant(eb, reach, columns, hasKeyIn(eb, columns, keysOwned(reach.by, columns)));
    case 'selected':
      return inTenant(eb, reach, columns, hasKeyIn(eb, columns, keysSelected(eb, reach, columns)));
    case 'within':
      return inTenant(eb, reach, columns, eb.or(reach.filters.map((filter) => matches(eb, filter, columns))));
    case 'any-of':
      return anyOf(eb, reach.reaches, columns);
    case 'all-of':
      return eb.and(notNone(reach.reaches).map((each) => conditionOf(eb, each, columns)));
    default:
      throw wrong(columns, `there is no reach of kind '${String((reach as Reach).kind)}'`);
  }
}

/** Each alternative by its own index. PostgreSQL would read the whole table for `key in (…) or key in (…)`. */
function anyOf(eb: Builder, reaches: readonly Reach[], columns: Columns): Condition {
  const [first, ...others] = notNone(reaches).map((reach) =>
    eb
      .selectFrom(columns.table)
      .where((inner: Builder) => conditionOf(inner, reach, columns))
      .select(qualified(columns.key, columns)),
  );
  return hasKeyIn(
    eb,
    columns,
    others.reduce((union, each) => union?.union(each), first),
  );
}

function keysOwned(by: Principal, columns: Columns) {
  const query = columns.owned(by);
  if (query?.isSelectQueryBuilder !== true)
    throw wrong(columns, 'owned must give a query for keys: selectFrom(…).where(…).select(…)');
  return query;
}

function keysSelected(eb: Builder, reach: Reach & { readonly kind: 'selected' }, columns: Columns) {
  if (reach.record !== columns.record) throw wrong(columns, `the reach is of selected records of '${reach.record}'`);
  const { by, record, role } = reach;
  return (eb as unknown as ExpressionBuilder<AssignmentTables, never>)
    .selectFrom('record_selections')
    .where('record_selections.tenant_id', '=', by.tenantId)
    .where('record_selections.object_id', '=', by.objectId)
    .where('record_selections.record', '=', record)
    .where('record_selections.roles', '@>', JSON.stringify([role]))
    .select(({ cast }) => cast('record_selections.record_key', columns.keyType).as('key'));
}

function hasKeyIn(eb: Builder, columns: Columns, keys: unknown): Condition {
  return eb(qualified(columns.key, columns), 'in', keys);
}

function matches(eb: Builder, filter: RecordFilter, columns: Columns): Condition {
  const { attributes = {} } = columns;
  const demands = Object.entries(checkFilter(filter)).map(([name, wanted]) => {
    const column = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (column === undefined) throw wrong(columns, `a scope asks for '${name}', and attributes name no column for it`);
    return eb(qualified(column, columns), 'in', [wanted].flat());
  });
  return eb.and(demands);
}

function inTenant(
  eb: Builder,
  { tenantId }: { readonly tenantId?: string },
  columns: Columns,
  condition: Condition,
): Condition {
  return tenantId === undefined ? condition : eb.and([condition, isOfTenant(eb, tenantId, columns)]);
}

function isOfTenant(eb: Builder, tenantId: string, columns: Columns): Condition {
  if (columns.tenant === undefined)
    throw wrong(columns, "the reach is of one tenant. Name the column: tenant: 'tenant_id'");
  return eb(qualified(columns.tenant, columns), '=', tenantId);
}

function notNone(reaches: readonly Reach[]): readonly Reach[] {
  if (reaches.length === 0)
    throw new ConfigurationError('reachCondition: a reach of no reaches was not made by record.reach(req).');
  return reaches;
}

function qualified(column: string, { table }: Columns): string {
  return `${table}.${column}`;
}

function wrong({ record }: Columns, what: string): ConfigurationError {
  return new ConfigurationError(`reachCondition of '${record}': ${what}.`);
}
