import type { Principal } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import type { Loaded, StoredNarrowing } from './decide.js';
import { disregard } from './disregard.js';

/** What is stored of a client about what a grant opens: its roles on the loaded record, or its assignments. */
export async function askStore(narrowing: StoredNarrowing, client: Principal, loaded?: Loaded): Promise<unknown> {
  if (narrowing.kind !== 'selected') {
    const { scopes, permission } = narrowing;
    return scopes.assignedTo(client, permission, scopes.record.name);
  }
  const [rule] = narrowing.records;
  const { selections, name } = rule;
  const key: unknown = selections?.key(loaded?.get(rule));
  disregard(key);
  if (typeof key !== 'string') {
    throw new ConfigurationError(
      `record '${name}': selections.key must give a text, what names the record in the store.`,
    );
  }
  return selections?.rolesOf(client, key, name);
}
