import type { Grant } from '../permissions/index.js';

/** A grant without its functions: records and conditions by their names. */
export function grantAsJson({
  kind,
  permissions,
  userRole,
  narrowing,
  conditions,
  everyTenant,
  account,
}: Grant): object {
  return {
    kind,
    permissions,
    userRole,
    narrowing: {
      kind: narrowing.kind,
      ...('records' in narrowing && { records: narrowing.records.map(({ name }) => name) }),
      ...('role' in narrowing && { role: narrowing.role }),
    },
    conditions: conditions.map(({ name }) => name),
    everyTenant,
    account,
  };
}
