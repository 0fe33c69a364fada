import { type AppRoleAssignment, DEFAULT_APP_ROLE_ID } from './app-role-assignments.js';
import type { AppRole } from './application.js';
import type { Directory } from './directory.js';
import { DirectoryError } from './directory-error.js';
import type { ServicePrincipal } from './service-principal.js';
import { isUser } from './user.js';

/** An assignment by names. */
export interface AppRoleAssignmentByName {
  /** The client (display name, client id, object id) or the user (name, user principal name, object id). */
  readonly principal: string;
  /** The API: display name, client id or object id. */
  readonly resource: string;
  /** Value or id of the app role. Left out: an assignment without a role. */
  readonly appRole?: string | undefined;
  /** Id or domain. Default: the first tenant. */
  readonly tenant?: string | undefined;
}

/** Grants an application permission to a client, or a user role to a user, as an administrator would. */
export function assignAppRole(directory: Directory, names: AppRoleAssignmentByName): AppRoleAssignment {
  return directory.appRoleAssignments.create(idsOf(directory, names));
}

export function unassignAppRole(directory: Directory, names: AppRoleAssignmentByName): void {
  const ids = idsOf(directory, names);
  const found = directory.appRoleAssignments
    .all()
    .find(
      (each) =>
        each.principalId === ids.principalId && each.resourceId === ids.resourceId && each.appRoleId === ids.appRoleId,
    );
  if (!found) {
    throw new DirectoryError(
      'Request_ResourceNotFound',
      `${names.principal} does not have ${names.appRole ?? 'an assignment without a role'} of ${names.resource}`,
    );
  }
  directory.appRoleAssignments.delete(found.id);
}

function idsOf(directory: Directory, { principal, resource, appRole, tenant }: AppRoleAssignmentByName) {
  const { tenantId } = directory.tenantCalled(tenant);
  const api = directory.servicePrincipals.named(resource, tenantId);
  const found = directory.principalCalled(principal, tenantId);
  const principalId = found.objectId;
  const memberType = isUser(found) ? 'User' : 'Application';
  const appRoleId = appRole === undefined ? DEFAULT_APP_ROLE_ID : roleCalled(directory, api, appRole, memberType).id;
  return { principalId, resourceId: api.objectId, appRoleId };
}

/** A tenant may have added a user role of the same value: the one that the principal can have is meant. */
function roleCalled(
  directory: Directory,
  resource: ServicePrincipal,
  name: string,
  memberType: 'User' | 'Application',
): AppRole {
  const appRoles = directory.servicePrincipals.appRolesOf(resource);
  const called = appRoles.filter(({ id, value }) => id === name.toLowerCase() || value === name);
  const role = called.find(({ allowedMemberTypes }) => allowedMemberTypes.includes(memberType)) ?? called[0];
  if (!role) {
    const defined = appRoles.map(({ value }) => value).join(', ') || 'none';
    throw new DirectoryError(
      'Request_BadRequest',
      `${resource.displayName} does not define ${JSON.stringify(name)}; it defines ${defined}`,
    );
  }
  return role;
}
