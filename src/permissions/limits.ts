import type { Grant } from './grant.js';

/** What a grant demands or leaves closed beside its permissions, in words. Nothing: the permission opens every record. */
export function limitsOf(grant: Grant): readonly string[] {
  const { account, narrowing, userRole, conditions, everyTenant } = grant;
  return [
    ...(account === undefined ? [] : [`the user has a ${account} account`]),
    ...(userRole === undefined ? [] : [`the user has the role ${userRole}`]),
    ...(narrowing.kind === 'none' || narrowing.kind === 'any-record' ? [] : [recordLimit(grant)]),
    ...conditions.map(({ name }) => `the condition "${name}" is met`),
    ...(everyTenant ? ['records of every admitted tenant'] : []),
  ];
}

function recordLimit({ kind, narrowing }: Grant): string {
  const who = kind === 'delegated' ? 'the user' : 'the client';
  const what = 'records' in narrowing ? narrowing.records.map(({ name }) => name).join(' and ') : '';
  switch (narrowing.kind) {
    case 'owned':
      return `only a ${what} that ${who} owns`;
    case 'owned-only':
      return `lists only each ${what} that ${who} owns`;
    case 'creates':
      return `${who} becomes the owner of the new ${what}`;
    case 'selected':
      return `only a ${what} on which the client was granted the role ${narrowing.role}`;
    case 'selected-only':
      return `lists only each ${what} on which the client was granted the role ${narrowing.role}`;
    case 'within':
      return `only a ${what} of the scopes that the client is assigned to`;
    case 'within-only':
      return `lists only each ${what} of the scopes that the client is assigned to`;
    default:
      return '';
  }
}
