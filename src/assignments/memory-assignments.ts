import { randomUUID } from 'node:crypto';
import { isSamePrincipal } from '../caller/index.js';
import type { AssignmentStore, ScopeAssignment, ScopeDefinition, ScopeName, Selection } from './assignment-store.js';
import { asStored, checkScope, checkSelection } from './check-written.js';

/**
 * A store in memory, for tests and for trying out: it ends with the process, no other instance sees it, and every question
 * goes through all of it.
 *
 * ```ts
 * const assignments = memoryAssignments();
 * ```
 */
export function memoryAssignments(): AssignmentStore {
  let selections: readonly Selection[] = [];
  let scopes: readonly ScopeDefinition[] = [];
  let assignments: readonly ScopeAssignment[] = [];

  const isScope = (of: ScopeName) => (scope: ScopeDefinition) =>
    scope.tenantId === of.tenantId.toLowerCase() && scope.record === of.record && scope.name === of.name;
  const isTo = (of: ScopeName) => (assignment: ScopeAssignment) =>
    isScope(of)({ ...assignment, name: assignment.scope, tenantId: assignment.client.tenantId, filter: {} });
  const isOn = (of: Pick<Selection, 'record' | 'key'>) => (selection: Selection) =>
    selection.record === of.record && selection.key === of.key;
  const isOf = (of: Omit<Selection, 'roles'>) => (selection: Selection) =>
    isOn(of)(selection) && isSamePrincipal(selection.client, of.client);

  return Object.freeze<AssignmentStore>({
    async rolesOf(client, key, record) {
      return selections.find(isOf({ record, key, client }))?.roles ?? [];
    },
    async assignedTo(client, permission, record) {
      return assignments
        .filter((each) => isSamePrincipal(each.client, client))
        .filter((each) => each.permission === permission && each.record === record)
        .flatMap(({ id, scope: name }) =>
          scopes
            .filter(isScope({ tenantId: client.tenantId, record, name }))
            .map(({ filter }) => ({ assignment: id, scope: name, filter })),
        );
    },

    async selections(of) {
      return selections.filter(isOn(of));
    },
    async putSelection(selection) {
      checkSelection(selection);
      const { record, key, client, roles } = selection;
      const others = selections.filter((each) => !isOf(selection)(each));
      const outcome = others.length === selections.length ? 'created' : 'replaced';
      selections = [...others, frozen({ record, key, client: asStored(client), roles })];
      return outcome;
    },
    async deleteSelection(of) {
      const before = selections.length;
      selections = selections.filter((each) => !isOf(of)(each));
      return selections.length < before;
    },
    async deleteSelections(of) {
      selections = selections.filter((each) => !isOn(of)(each));
    },

    async scopes({ tenantId, record }) {
      return scopes.filter((each) => isScope({ tenantId, record, name: each.name })(each));
    },
    async putScope(scope) {
      checkScope(scope);
      const { tenantId, record, name, filter } = scope;
      const others = scopes.filter((each) => !isScope(scope)(each));
      const outcome = others.length === scopes.length ? 'created' : 'replaced';
      scopes = [...others, frozen({ tenantId: tenantId.toLowerCase(), record, name, filter })];
      return outcome;
    },
    async deleteScope(of) {
      if (!scopes.some(isScope(of))) return 'absent';
      if (assignments.some(isTo(of))) return 'assigned';
      scopes = scopes.filter((each) => !isScope(of)(each));
      return 'deleted';
    },

    async assignments(of) {
      return assignments.filter(isTo(of));
    },
    async assign({ record, scope: name, client, permission, reason, createdBy }) {
      const { tenantId } = asStored(client);
      if (!scopes.some(isScope({ tenantId, record, name }))) return 'no-such-scope';
      const isThere = assignments
        .filter(isTo({ tenantId, record, name }))
        .some((each) => each.permission === permission && isSamePrincipal(each.client, client));
      if (isThere) return 'already-assigned';
      const principals = { client: asStored(client), createdBy: asStored(createdBy) };
      const created = {
        id: randomUUID(),
        record,
        scope: name,
        permission,
        reason,
        ...principals,
        createdAt: new Date(),
      };
      assignments = [...assignments, Object.freeze(created)];
      return created;
    },
    async unassign(of, id) {
      const before = assignments.length;
      assignments = assignments.filter((each) => each.id !== id || !isTo(of)(each));
      return assignments.length < before;
    },
  });
}

/** A copy that nobody who has read it, nor who has written it, can change: roles and filters are two levels deep. */
function frozen<T extends object>(written: T): T {
  const copy = structuredClone(written);
  for (const member of Object.values(copy)) {
    if (typeof member !== 'object' || member === null) continue;
    for (const each of Object.values(member)) Object.freeze(each);
    Object.freeze(member);
  }
  return Object.freeze(copy);
}
