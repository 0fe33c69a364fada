import { ConfigurationError } from '../errors/index.js';
import { describeGrant, type Grant, isDeclaredGrant, isNarrowName } from './grant.js';

/**
 * The grants of one route, checked as a whole.
 *
 * @throws ConfigurationError where there is none, one is not a grant, repeats or swallows another, lacks the rule its name
 * demands, or belongs to another catalogue
 */
export function checkGrants(grants: readonly Grant[]): readonly Grant[] {
  const [first] = grants;
  if (first === undefined) {
    throw new ConfigurationError(
      'allow() without a grant would open the route to no one. Name a grant, or say publicRoute().',
    );
  }
  for (const grant of grants) {
    if (!isDeclaredGrant(grant)) {
      throw new ConfigurationError("allow takes grants: delegated('…') or application('…') of definePermissions.");
    }
    if (grant.catalogue !== first.catalogue)
      throw new ConfigurationError(
        `allow: ${describeGrant(grant)} is of another catalogue than ${describeGrant(first)}.`,
      );
    const [permission = ''] = grant.permissions;
    if (isNarrowName(permission) && !('records' in grant.narrowing)) {
      throw new ConfigurationError(
        `allow: ${permission} needs its rule: .owned(record) or .selected(record) on an item, .ownedOnly(record) or .selectedOnly(record) on a list, .creates(record) where one is made.`,
      );
    }
  }
  grants.forEach((grant, index) => {
    const description = describeGrant(grant);
    for (const other of grants.filter((_, place) => place !== index)) {
      if (describeGrant(other) === description) throw new ConfigurationError(`allow: ${description} is there twice.`);
      if (swallows(other, grant)) {
        throw new ConfigurationError(
          `allow: ${describeGrant(other)} opens everything that "${description}" opens. Keep the one you mean.`,
        );
      }
    }
  });
  return Object.freeze([...grants]);
}

/** Whether whoever has `narrow` is let in by `bare` anyway. */
function swallows(bare: Grant, narrow: Grant): boolean {
  return (
    bare.kind === narrow.kind &&
    !('records' in bare.narrowing) &&
    bare.userRole === undefined &&
    bare.account === undefined &&
    bare.conditions.length === 0 &&
    bare.permissions.every((name) => narrow.permissions.includes(name)) &&
    (bare.everyTenant || !narrow.everyTenant || bare.permissions.length === narrow.permissions.length)
  );
}
