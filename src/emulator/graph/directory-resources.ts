import type { AppRoleAssignment } from '../directory/app-role-assignments.js';
import type { Application } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import type { OAuth2PermissionGrant } from '../directory/oauth2-permission-grants.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import { isUser, type User } from '../directory/user.js';
import { applicationResource, appRoleResource } from './application-resource.js';

/** A service principal as Microsoft Graph shows it. */
export function servicePrincipalResource(directory: Directory, servicePrincipal: ServicePrincipal) {
  const { objectId, clientId, displayName, azureResourceId } = servicePrincipal;
  const application = directory.applications.find(clientId);
  return {
    id: objectId,
    deletedDateTime: null,
    accountEnabled: true,
    alternativeNames: azureResourceId === undefined ? [] : ['isExplicit=True', azureResourceId],
    appId: clientId,
    appDisplayName: application?.displayName ?? null,
    appOwnerOrganizationId: application?.tenantId ?? null,
    appRoleAssignmentRequired: servicePrincipal.appRoleAssignmentRequired,
    displayName,
    servicePrincipalNames: [clientId, ...(application?.identifierUris ?? [])],
    servicePrincipalType: servicePrincipal.servicePrincipalType,
    signInAudience: application?.signInAudience ?? null,
    appRoles: [
      ...(application?.appRoles ?? []).map(appRoleResource),
      ...servicePrincipal.appRoles.map((role) => ({ ...role, origin: 'ServicePrincipal' })),
    ],
    oauth2PermissionScopes: application?.oauth2PermissionScopes ?? [],
  };
}

export function appRoleAssignmentResource(directory: Directory, assignment: AppRoleAssignment) {
  const { id, appRoleId, createdDateTime, principalId, principalType, resourceId } = assignment;
  const principal = directory.principal(principalId);
  return {
    id,
    deletedDateTime: null,
    appRoleId,
    createdDateTime,
    principalDisplayName: principal === undefined ? null : isUser(principal) ? principal.name : principal.displayName,
    principalId,
    principalType,
    resourceDisplayName: directory.servicePrincipals.find(resourceId)?.displayName ?? null,
    resourceId,
  };
}

/** What Microsoft Graph calls `clientId` is the object id of the client's service principal. */
export function oauth2PermissionGrantResource(grant: OAuth2PermissionGrant) {
  const { id, clientPrincipalId, consentType, principalId, resourceId, scopes } = grant;
  return { id, clientId: clientPrincipalId, consentType, principalId, resourceId, scope: scopes.join(' ') };
}

/** An owner, or what somebody owns: an object of any type, which says which. */
export function directoryObject(directory: Directory, object: User | ServicePrincipal | Application) {
  if ('signInAudience' in object) {
    return { '@odata.type': '#microsoft.graph.application', ...applicationResource(object) };
  }
  if (isUser(object)) {
    const { objectId: id, name: displayName, userPrincipalName, mail } = object;
    return { '@odata.type': '#microsoft.graph.user', id, displayName, userPrincipalName, mail };
  }
  return { '@odata.type': '#microsoft.graph.servicePrincipal', ...servicePrincipalResource(directory, object) };
}
