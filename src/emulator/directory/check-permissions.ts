import { isGuid } from '../../token/index.js';
import type { AppRole, OAuth2PermissionScope } from './application.js';
import { DirectoryError } from './directory-error.js';

/** Entra's rule for the `value` of scopes and app roles. */
const legalValue = /^(?!\.)[!#-[\]-~]{1,120}$/;

/**
 * Throws unless an application may define these together: ids and values are used once among the app roles and once among the
 * scopes, and a role and a scope with one id are alike. Entra refuses a role and a scope of one value with two ids, too: here
 * they may be, as in Microsoft Graph's own registration.
 */
export function checkPermissions(
  appRoles: readonly AppRole[],
  oauth2PermissionScopes: readonly OAuth2PermissionScope[],
): void {
  for (const [collection, permissions] of Object.entries({ appRoles, oauth2PermissionScopes })) {
    const ids = new Set<string>();
    const values = new Set<string>();
    for (const [index, { id, value }] of permissions.entries()) {
      const field = `${collection}[${index}]`;
      if (!isGuid(id)) {
        throw new DirectoryError('Request_BadRequest', 'must be a GUID', `${field}.id`);
      }
      if (typeof value !== 'string' || !legalValue.test(value)) {
        throw new DirectoryError(
          'Request_BadRequest',
          'must be 1 to 120 ASCII characters, no space, quote or backslash, no leading dot',
          `${field}.value`,
        );
      }
      once(ids, id.toLowerCase(), `${field}.id`);
      once(values, value, `${field}.value`);
    }
  }
  for (const [index, scope] of oauth2PermissionScopes.entries()) {
    const role = appRoles.find(({ id }) => id.toLowerCase() === scope.id.toLowerCase());
    if (role && !areAlike(role, scope)) {
      throw new DirectoryError(
        'Request_BadRequest',
        `The following values must match for the 'oauth2Permissions' and 'appRoles' properties with identifier '${role.id}': (description, adminConsentDescription),(displayName, adminConsentDisplayName),(isEnabled, isEnabled),(origin, origin),(value, value). Ensure that you are intending to have entries with the same identifier, and if so, are updating them together`,
        `oauth2PermissionScopes[${index}].id`,
      );
    }
  }
  for (const [index, { allowedMemberTypes }] of appRoles.entries()) {
    const known = allowedMemberTypes.every((type) => type === 'User' || type === 'Application');
    if (allowedMemberTypes.length === 0 || !known) {
      throw new DirectoryError(
        'Request_BadRequest',
        "must hold 'User', 'Application' or both",
        `appRoles[${index}].allowedMemberTypes`,
      );
    }
  }
}

/** Throws where a permission would disappear while it is enabled: it has to be disabled first, by a change of its own. */
export function checkRemovals(
  collection: 'appRoles' | 'oauth2PermissionScopes',
  before: readonly (AppRole | OAuth2PermissionScope)[],
  after: readonly (AppRole | OAuth2PermissionScope)[],
): void {
  const removed = before.find(({ id, isEnabled }) => isEnabled && !after.some((permission) => permission.id === id));
  if (removed) {
    throw new DirectoryError(
      'CannotDeleteOrUpdateEnabledEntitlement',
      `Permission (scope or role) ${removed.value} cannot be deleted or updated unless disabled first`,
      collection,
    );
  }
}

function areAlike(role: AppRole, scope: OAuth2PermissionScope): boolean {
  return (
    role.value === scope.value &&
    role.displayName === scope.adminConsentDisplayName &&
    role.description === scope.adminConsentDescription &&
    role.isEnabled === scope.isEnabled
  );
}

function once(seen: Set<string>, value: string, field: string): void {
  if (seen.has(value)) {
    throw new DirectoryError('DuplicateValue', `${JSON.stringify(value)} is there twice`, field);
  }
  seen.add(value);
}
