import type { Principal } from '../caller/index.js';
import type { AssignedScope, RecordFilter } from '../permissions/index.js';

/** One client and one record. */
export interface SelectionKey {
  /** The name of the kind of record: `mailbox`. */
  readonly record: string;
  /** What names the record, as the `selections` of `record({ … })` say. */
  readonly key: string;
  /** The service principal of the client: the object id of the enterprise application, not its client id. */
  readonly client: Principal;
}

/** What was granted to a client on one record. */
export interface Selection extends SelectionKey {
  readonly roles: readonly string[];
}

/** What names a scope. Each tenant has scopes of its own, which only its clients are assigned to. */
export interface ScopeName {
  readonly tenantId: string;
  /** The name of the kind of record that the scope divides. */
  readonly record: string;
  /** `sales-mailboxes` */
  readonly name: string;
}

/** A scope: which records belong to it. */
export interface ScopeDefinition extends ScopeName {
  readonly filter: RecordFilter;
}

/** A client that is assigned to a scope, for one application permission. */
export interface ScopeAssignment {
  readonly id: string;
  /** The name of the kind of record. */
  readonly record: string;
  /** The name of the scope. It is of the client's tenant. */
  readonly scope: string;
  /** The service principal of the client. */
  readonly client: Principal;
  readonly permission: string;
  /** Why, in the words of whoever assigned it. */
  readonly reason: string | undefined;
  /** Who assigned it. */
  readonly createdBy: Principal;
  readonly createdAt: Date;
}

/**
 * Where it is stored what administrators gave to clients beside the permissions in their tokens: roles on single records, and
 * assignments to scopes. The store answers what it is asked and asks nobody's permission; that is for the routes before it.
 *
 * `rolesOf` and `assignedTo` are what `record` and `recordScopes` want, and need no `this`:
 *
 * ```ts
 * const mailbox = record<Mailbox>({
 *   name: 'mailbox',
 *   find: (id) => mailboxes.get(id),
 *   owners: (m) => m.owners,
 *   notOwner: 'forbidden',
 *   selections: { roles: ['read', 'send'], key: (m) => m.id, rolesOf: assignments.rolesOf },
 * });
 * const mailboxScopes = recordScopes({
 *   record: mailbox,
 *   attributes: (m) => ({ department: m.department }),
 *   assignedTo: assignments.assignedTo,
 * });
 * ```
 *
 * Deleting anything of it takes access away and never gives any.
 */
export interface AssignmentStore {
  /** The roles of a client on a record; none where nothing is stored. */
  readonly rolesOf: (client: Principal, key: string, record: string) => Promise<readonly string[]>;
  /** The scopes that a client is assigned to for a permission, with the filters that they have now. */
  readonly assignedTo: (client: Principal, permission: string, record: string) => Promise<readonly AssignedScope[]>;

  /** What was granted on a record. */
  selections(of: Pick<SelectionKey, 'record' | 'key'>): Promise<readonly Selection[]>;
  /**
   * Sets the roles of a client on a record, instead of those that it had.
   *
   * @throws ConfigurationError where there is no role: delete the selection instead
   */
  putSelection(selection: Selection): Promise<'created' | 'replaced'>;
  /** Whether there was one. */
  deleteSelection(of: SelectionKey): Promise<boolean>;
  /** Call it where a record is deleted: should another ever get its key, nobody has a role on that. */
  deleteSelections(of: Pick<SelectionKey, 'record' | 'key'>): Promise<void>;

  /** The scopes of a tenant that divide a kind of record. */
  scopes(of: Pick<ScopeName, 'tenantId' | 'record'>): Promise<readonly ScopeDefinition[]>;
  /**
   * Defines a scope, or changes its filter for everyone who is assigned to it.
   *
   * @throws ConfigurationError where the filter names nothing
   */
  putScope(scope: ScopeDefinition): Promise<'created' | 'replaced'>;
  /** A scope that clients are assigned to stays: end the assignments first. */
  deleteScope(of: ScopeName): Promise<'deleted' | 'absent' | 'assigned'>;

  /** Who is assigned to a scope. */
  assignments(of: ScopeName): Promise<readonly ScopeAssignment[]>;
  /** Assigns a client to a scope of its tenant, once for each permission. */
  assign(
    assignment: Omit<ScopeAssignment, 'id' | 'createdAt'>,
  ): Promise<ScopeAssignment | 'no-such-scope' | 'already-assigned'>;
  /** Whether there was such an assignment to this scope. */
  unassign(of: ScopeName, id: string): Promise<boolean>;
}
