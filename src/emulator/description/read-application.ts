import { admitsPersonalAccounts, optionalClaimNames, signInAudiences } from '../directory/application.js';
import type { NewApplication } from '../directory/applications.js';
import type { ApplicationDescription, OptionalClaimDescription } from './directory-description.js';
import { each, guid, oneOf, onlyKnownFields, text, texts, yesOrNo } from './fields.js';
import { readCredentials } from './read-credentials.js';
import { readPermissions } from './read-permissions.js';
import { stableGuid } from './stable-guid.js';

/** The registration itself; owners and what was granted need the others first. */
export function readApplication(field: string, description: ApplicationDescription, tenantId: string): NewApplication {
  onlyKnownFields(field, description, [
    'displayName',
    'clientId',
    'objectId',
    'tenant',
    'signInAudience',
    'identifierUris',
    'requestedAccessTokenVersion',
    'permissions',
    'appRoles',
    'oauth2PermissionScopes',
    'optionalClaims',
    'redirectUris',
    'isFallbackPublicClient',
    'implicitGrantSettings',
    'secrets',
    'certificates',
    'federatedIdentityCredentials',
    'owners',
    'servicePrincipal',
    'appRoleAssignments',
    'oauth2PermissionGrants',
  ]);
  const displayName = text(`${field}.displayName`, description.displayName);
  const clientId = guid(`${field}.clientId`, description.clientId ?? stableGuid('client', displayName));
  const signInAudience = oneOf(
    `${field}.signInAudience`,
    description.signInAudience ?? 'AzureADMyOrg',
    signInAudiences,
  );
  const version = description.requestedAccessTokenVersion ?? (admitsPersonalAccounts({ signInAudience }) ? 2 : null);
  return {
    displayName,
    clientId,
    objectId: guid(`${field}.objectId`, description.objectId ?? stableGuid('application', clientId)),
    tenantId,
    signInAudience,
    identifierUris: texts(`${field}.identifierUris`, description.identifierUris ?? [`api://${clientId}`]),
    requestedAccessTokenVersion:
      version === null ? null : oneOf(`${field}.requestedAccessTokenVersion`, version, [1, 2]),
    ...readPermissions(field, description, clientId),
    optionalClaims: each(`${field}.optionalClaims`, description.optionalClaims ?? ['idtyp'], readOptionalClaim),
    redirectUris: readRedirectUris(`${field}.redirectUris`, description.redirectUris ?? {}),
    isFallbackPublicClient: yesOrNo(`${field}.isFallbackPublicClient`, description.isFallbackPublicClient, false),
    implicitGrantSettings: readImplicitGrant(`${field}.implicitGrantSettings`, description.implicitGrantSettings ?? {}),
    ...readCredentials(field, description, clientId),
  };
}

function readOptionalClaim(field: string, given: string | OptionalClaimDescription) {
  const description = typeof given === 'string' ? { name: given } : given;
  onlyKnownFields(field, description, ['name', 'additionalProperties']);
  return {
    name: oneOf(typeof given === 'string' ? field : `${field}.name`, description.name, optionalClaimNames),
    additionalProperties: texts(
      `${field}.additionalProperties`,
      'additionalProperties' in description ? description.additionalProperties : undefined,
    ),
  };
}

function readRedirectUris(field: string, description: NonNullable<ApplicationDescription['redirectUris']>) {
  onlyKnownFields(field, description, ['web', 'spa', 'publicClient']);
  return {
    web: texts(`${field}.web`, description.web),
    spa: texts(`${field}.spa`, description.spa),
    publicClient: texts(`${field}.publicClient`, description.publicClient),
  };
}

function readImplicitGrant(field: string, description: NonNullable<ApplicationDescription['implicitGrantSettings']>) {
  onlyKnownFields(field, description, ['enableAccessTokenIssuance', 'enableIdTokenIssuance']);
  const setting = (name: keyof typeof description) => yesOrNo(`${field}.${name}`, description[name], false);
  return {
    enableAccessTokenIssuance: setting('enableAccessTokenIssuance'),
    enableIdTokenIssuance: setting('enableIdTokenIssuance'),
  };
}
