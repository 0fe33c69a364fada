/**
 * A Kysely of any database and release, or a transaction of it. Structural, for Kysely has types of its own for each module system,
 * and an application may have either; and nothing of it is loaded here: whoever uses it hands it in.
 */
export interface AnyKysely {
  readonly isTransaction: boolean;
  readonly schema: object;
  selectFrom: unknown;
  insertInto: unknown;
  updateTable: unknown;
  deleteFrom: unknown;
  transaction: unknown;
}

/** A query for rows of one column. */
export interface AnyQuery {
  readonly isSelectQueryBuilder: true;
  toOperationNode(): unknown;
}

/** What `where` hands to a function. */
export interface AnyExpressionBuilder {
  readonly and: unknown;
  readonly or: unknown;
  readonly lit: unknown;
  readonly selectFrom: unknown;
}

/** What `where` takes from it. */
export interface AnyCondition {
  readonly expressionType: boolean | undefined;
  /** For Kysely alone. */
  toOperationNode(): never;
}
