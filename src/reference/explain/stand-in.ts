import type { Caller } from '../../caller/index.js';
import type { Grant, Loaded, Need, RecordRule } from '../../permissions/index.js';
import type { CallerDescription } from './caller-description.js';

const tenantId = '00000000-0000-4000-8000-000000000001';
const principal = { tenantId, objectId: '00000000-0000-4000-8000-000000000002' };

/** A caller as described, of no tenant and no person. Undefined: anonymous. */
export function standInCaller({ kind, permissions, userRoles, account }: CallerDescription): Caller | undefined {
  const common = {
    principal,
    tenantId,
    clientId: '00000000-0000-4000-8000-000000000003',
    clientAuthentication: 'unknown',
    kindFrom: 'idtyp',
    agent: undefined,
    tokenId: undefined,
    tokenVersion: '2.0',
    issuedAt: 0,
    expiresAt: 0,
    claims: {},
  } as const;
  if (kind === 'anonymous') return undefined;
  return kind === 'application'
    ? { kind, ...common, appRoles: permissions }
    : { kind, ...common, scopes: permissions, userRoles, account, guest: undefined };
}

/**
 * Grants that ask the description where the API's would ask its records, its stores and its conditions: nothing of the
 * application runs. In the order of those they stand in for.
 */
export function standInGrants(grants: readonly Grant[], { record, conditionsHold }: CallerDescription): Grant[] {
  const rules = new Map<RecordRule<unknown>, RecordRule<unknown>>();
  const standIn = (rule: RecordRule<unknown>): RecordRule<unknown> => {
    const made = rules.get(rule) ?? {
      name: rule.name,
      param: rule.param,
      notOwner: rule.notOwner,
      find: () => undefined,
      owners: () => (record.isOwned ? [principal] : []),
    };
    rules.set(rule, made);
    return made;
  };
  return grants.map((grant) => {
    const { kind, permissions, userRole, account, narrowing, everyTenant, catalogue } = grant;
    const conditions = grant.conditions.map(({ name }) => ({ name, test: () => conditionsHold }));
    return {
      ...{ kind, permissions, userRole, everyTenant, catalogue, conditions },
      ...(account !== undefined && { account }),
      narrowing: standInNarrowing(narrowing, standIn),
    };
  });
}

function standInNarrowing(
  narrowing: Grant['narrowing'],
  standIn: (rule: RecordRule<unknown>) => RecordRule<unknown>,
): Grant['narrowing'] {
  if (!('records' in narrowing)) return narrowing;
  if (narrowing.kind === 'owned' || narrowing.kind === 'owned-only' || narrowing.kind === 'creates') {
    return { kind: narrowing.kind, records: narrowing.records.map(standIn) };
  }
  const records = [standIn(narrowing.records[0])] as const;
  if (narrowing.kind === 'selected' || narrowing.kind === 'selected-only') return { ...narrowing, records };
  const scopes = { record: records[0], attributes: () => assigned, assignedTo: () => [] };
  return { ...narrowing, records, scopes };
}

const assigned = { scope: 'assigned' };

/** What a decision asks for, as described. */
export function standInFacts(
  needs: readonly Need[],
  { record }: CallerDescription,
  loaded: Loaded | undefined,
): Loaded {
  const found = needs.map((need) => {
    if (!('kind' in need)) return [need, record.isThere ? {} : null] as const;
    if (need.kind === 'selected') return [need, record.isSelected ? [need.role] : []] as const;
    const assignment = { assignment: 'described', scope: 'described', filter: assigned };
    return [need, record.isWithin ? [assignment] : []] as const;
  });
  return new Map<Need, unknown>([...(loaded ?? []), ...found]);
}
