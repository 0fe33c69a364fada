import type { Principal } from '../caller/index.js';
import type { Loaded, StoredNarrowing } from './decide.js';

/** What is stored of a client about what a grant opens: its roles on the loaded record, or its assignments. */
export async function askStore(narrowing: StoredNarrowing, client: Principal, loaded?: Loaded): Promise<unknown> {
  if (narrowing.kind !== 'selected') {
    const { scopes, permission } = narrowing;
    return scopes.assignedTo(client, permission, scopes.record.name);
  }
  const [rule] = narrowing.records;
  const key = rule.selections?.key(loaded?.get(rule));
  return key === undefined ? [] : rule.selections?.rolesOf(client, key, rule.name);
}
