import type { Express } from 'express';
import type { Grant, RecordScopes } from 'express-app-roles';
import { type AssignmentStore, authorizationRoute, scopeRoutes, selectionRoutes } from 'express-app-roles/assignments';
import type { Mailbox } from '../mailboxes/record.js';
import { application } from '../permissions.js';
import type { SenderRecord } from './record.js';

export interface AssignmentRoutesOptions {
  readonly store: AssignmentStore;
  readonly sender: SenderRecord;
  readonly scopes: RecordScopes<Mailbox>;
  readonly maySend: readonly [Grant, ...Grant[]];
}

/**
 * What administrators give to clients: single mailboxes, and scopes. And the answer to "may this client send from this mailbox,
 * and through which assignment?"
 */
export function assignmentRoutes(app: Express, { store, sender, scopes, maySend }: AssignmentRoutesOptions): void {
  const write = [application('Assignment.ReadWrite.All')] as const;
  const read = [application('Assignment.Read.All'), ...write] as const;
  selectionRoutes(app, '/mailboxes/:id/selections', { store, record: sender, read, write });
  scopeRoutes(app, '/mailbox-scopes', { store, scopes, attributes: ['department'], read, write });
  authorizationRoute(app, '/mailboxes/:id/senders', { record: sender, grants: maySend, read });
}
