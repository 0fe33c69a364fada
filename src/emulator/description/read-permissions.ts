import { ConfigurationError } from '../../errors/index.js';
import { type Catalogue, definePermissions } from '../../permissions/index.js';
import type { AppRole, OAuth2PermissionScope } from '../directory/application.js';
import { wrong } from '../wrong.js';
import type {
  ApplicationDescription,
  AppRoleDescription,
  OAuth2PermissionScopeDescription,
} from './directory-description.js';
import { each, guid, list, oneOf, onlyKnownFields, text, yesOrNo } from './fields.js';
import { stableGuid } from './stable-guid.js';

/** What an application offers: its catalogue, then what the manifest lists beside it. */
export function readPermissions(
  field: string,
  { permissions, appRoles, oauth2PermissionScopes }: ApplicationDescription,
  clientId: string,
): { appRoles: readonly AppRole[]; oauth2PermissionScopes: readonly OAuth2PermissionScope[] } {
  const catalogue = permissions === undefined ? {} : checkedCatalogue(`${field}.permissions`, permissions);
  return {
    appRoles: [...appRolesOf(catalogue, clientId), ...readAppRoles(`${field}.appRoles`, appRoles, clientId)],
    oauth2PermissionScopes: [
      ...scopesOf(catalogue, clientId),
      ...each(`${field}.oauth2PermissionScopes`, oauth2PermissionScopes, (at, scope) => readScope(at, scope, clientId)),
    ],
  };
}

/** @param owner client id of the application, or object id of the service principal: ids are derived from it */
export function readAppRoles(
  field: string,
  descriptions: readonly AppRoleDescription[] | undefined,
  owner: string,
): readonly AppRole[] {
  return each(field, descriptions, (at, description) => {
    onlyKnownFields(at, description, ['value', 'allowedMemberTypes', 'id', 'isEnabled', 'displayName', 'description']);
    const value = text(`${at}.value`, description.value);
    const displayName = text(`${at}.displayName`, description.displayName ?? value);
    return {
      id: guid(`${at}.id`, description.id ?? stableGuid('app role', owner, value)),
      value,
      allowedMemberTypes: [...list(`${at}.allowedMemberTypes`, description.allowedMemberTypes)],
      isEnabled: yesOrNo(`${at}.isEnabled`, description.isEnabled, true),
      displayName,
      description: text(`${at}.description`, description.description ?? displayName),
    };
  });
}

function readScope(
  field: string,
  description: OAuth2PermissionScopeDescription,
  clientId: string,
): OAuth2PermissionScope {
  onlyKnownFields(field, description, [
    'value',
    'type',
    'id',
    'isEnabled',
    'adminConsentDisplayName',
    'adminConsentDescription',
    'userConsentDisplayName',
    'userConsentDescription',
  ]);
  const value = text(`${field}.value`, description.value);
  const displayName = text(`${field}.adminConsentDisplayName`, description.adminConsentDisplayName ?? value);
  return {
    id: guid(`${field}.id`, description.id ?? stableGuid('scope', clientId, value)),
    value,
    type: oneOf(`${field}.type`, description.type ?? 'User', ['User', 'Admin']),
    isEnabled: yesOrNo(`${field}.isEnabled`, description.isEnabled, true),
    adminConsentDisplayName: displayName,
    adminConsentDescription: text(
      `${field}.adminConsentDescription`,
      description.adminConsentDescription ?? displayName,
    ),
    userConsentDisplayName: description.userConsentDisplayName ?? null,
    userConsentDescription: description.userConsentDescription ?? null,
  };
}

function checkedCatalogue(field: string, given: { readonly catalogue: Catalogue } | Catalogue): Catalogue {
  const isDefined = typeof (given as { delegated?: unknown } | null)?.delegated === 'function';
  const catalogue = isDefined ? (given as { readonly catalogue: Catalogue }).catalogue : (given as Catalogue);
  try {
    return definePermissions(catalogue as never).catalogue;
  } catch (error) {
    throw error instanceof ConfigurationError ? wrong(field, error.message.replace(/\.$/, '')) : error;
  }
}

function appRolesOf(catalogue: Catalogue, clientId: string): readonly AppRole[] {
  return Object.entries(catalogue).flatMap(([value, { application, userRole }]) => {
    const role = application ?? userRole;
    return role
      ? {
          id: role.id?.toLowerCase() ?? stableGuid('app role', clientId, value),
          value,
          allowedMemberTypes: [application ? ('Application' as const) : ('User' as const)],
          isEnabled: role.enabled ?? true,
          displayName: role.displayName,
          description: role.description,
        }
      : [];
  });
}

function scopesOf(catalogue: Catalogue, clientId: string): readonly OAuth2PermissionScope[] {
  return Object.entries(catalogue).flatMap(([value, { delegated }]) =>
    delegated
      ? {
          id: delegated.id?.toLowerCase() ?? stableGuid('scope', clientId, value),
          value,
          type: delegated.consent === 'user' ? ('User' as const) : ('Admin' as const),
          isEnabled: delegated.enabled ?? true,
          adminConsentDisplayName: delegated.displayName,
          adminConsentDescription: delegated.description,
          userConsentDisplayName: delegated.toUser?.displayName ?? null,
          userConsentDescription: delegated.toUser?.description ?? null,
        }
      : [],
  );
}
