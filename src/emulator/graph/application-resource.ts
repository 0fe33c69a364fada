import { each, guid, list, oneOf, onlyKnownFields, text, texts, yesOrNo } from '../description/fields.js';
import {
  type Application,
  type AppRole,
  type OAuth2PermissionScope,
  optionalClaimNames,
  type PasswordCredential,
  signInAudiences,
} from '../directory/application.js';
import type { ApplicationChange } from '../directory/applications.js';
import { wrong } from '../wrong.js';

/** An application as Microsoft Graph shows it. Secrets are never in it. */
export function applicationResource(application: Application) {
  const { web, spa, publicClient } = application.redirectUris;
  return {
    id: application.objectId,
    deletedDateTime: null,
    appId: application.clientId,
    displayName: application.displayName,
    signInAudience: application.signInAudience,
    identifierUris: application.identifierUris,
    isFallbackPublicClient: application.isFallbackPublicClient,
    appRoles: application.appRoles.map(appRoleResource),
    api: {
      acceptMappedClaims: null,
      knownClientApplications: [],
      requestedAccessTokenVersion: application.requestedAccessTokenVersion,
      oauth2PermissionScopes: application.oauth2PermissionScopes,
      preAuthorizedApplications: [],
    },
    optionalClaims: {
      idToken: [],
      accessToken: application.optionalClaims.map((claim) => ({ ...claim, source: null, essential: false })),
      saml2Token: [],
    },
    web: { redirectUris: web, implicitGrantSettings: application.implicitGrantSettings },
    spa: { redirectUris: spa },
    publicClient: { redirectUris: publicClient },
    passwordCredentials: application.passwordCredentials.map(passwordResource),
    keyCredentials: application.keyCredentials.map(({ keyId, displayName, x5t, x5tS256 }) => ({
      keyId,
      displayName,
      customKeyIdentifier: x5t ?? x5tS256 ?? null,
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
      key: null,
    })),
  };
}

export function appRoleResource(role: AppRole) {
  return { ...role, origin: 'Application' };
}

export function passwordResource({ keyId, displayName, endDateTime }: PasswordCredential) {
  return { customKeyIdentifier: null, displayName, endDateTime, hint: null, keyId, secretText: null };
}

type Body = Readonly<Record<string, unknown>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * What a client wants of an application. A property that this local Entra would not keep is refused, unless it is empty:
 * nobody should believe that it was kept.
 *
 * @param before what the objects in which single properties are sent are filled up from
 * @throws ConfigurationError that names the property
 */
export function readApplicationChange(
  body: Body,
  before: Pick<Application, 'redirectUris' | 'implicitGrantSettings'>,
): ApplicationChange {
  const change: Mutable<ApplicationChange> = {};
  const redirectUris: Mutable<Application['redirectUris']> = { ...before.redirectUris };
  for (const [property, value] of Object.entries(body)) {
    switch (property) {
      case 'displayName':
        change.displayName = text(property, value);
        break;
      case 'signInAudience':
        change.signInAudience = oneOf(property, value, signInAudiences);
        break;
      case 'identifierUris':
        change.identifierUris = texts(property, value as string[]);
        break;
      case 'isFallbackPublicClient':
        change.isFallbackPublicClient = yesOrNo(property, value ?? undefined, false);
        break;
      case 'appRoles':
        change.appRoles = each(property, list(property, value as Body[]), readAppRole);
        break;
      case 'optionalClaims':
        change.optionalClaims = readOptionalClaims(property, value);
        break;
      case 'api':
        Object.assign(change, readApi(property, value));
        break;
      case 'web': {
        const web = members(property, value, ['redirectUris', 'implicitGrantSettings']);
        redirectUris.web = redirectUrisOf(property, web, redirectUris.web);
        change.implicitGrantSettings = readImplicitGrant(
          `${property}.implicitGrantSettings`,
          web.implicitGrantSettings ?? {},
          before.implicitGrantSettings,
        );
        break;
      }
      case 'spa':
      case 'publicClient':
        redirectUris[property] = redirectUrisOf(
          property,
          members(property, value, ['redirectUris']),
          redirectUris[property],
        );
        break;
      default:
        mustBeEmpty(property, value);
    }
    if (property === 'web' || property === 'spa' || property === 'publicClient') {
      change.redirectUris = redirectUris;
    }
  }
  return change;
}

function readAppRole(field: string, value: Body): AppRole {
  const known = ['id', 'value', 'allowedMemberTypes', 'isEnabled', 'displayName', 'description'];
  const role = members(field, value, known);
  return {
    id: guid(`${field}.id`, role.id),
    value: text(`${field}.value`, role.value),
    allowedMemberTypes: each(`${field}.allowedMemberTypes`, role.allowedMemberTypes as unknown[], (at, type) =>
      oneOf(at, type, ['User', 'Application']),
    ),
    isEnabled: yesOrNo(`${field}.isEnabled`, role.isEnabled, true),
    displayName: text(`${field}.displayName`, role.displayName),
    description: text(`${field}.description`, role.description),
  };
}

function readApi(field: string, value: unknown): ApplicationChange {
  const known = ['requestedAccessTokenVersion', 'oauth2PermissionScopes'];
  const api = members(field, value, known);
  const { requestedAccessTokenVersion: version, oauth2PermissionScopes: scopes } = api;
  return {
    ...('requestedAccessTokenVersion' in api && {
      requestedAccessTokenVersion:
        version === null ? null : oneOf(`${field}.requestedAccessTokenVersion`, version, [1, 2]),
    }),
    ...('oauth2PermissionScopes' in api && {
      oauth2PermissionScopes: each(
        `${field}.oauth2PermissionScopes`,
        list(`${field}.oauth2PermissionScopes`, scopes as Body[]),
        readScope,
      ),
    }),
  };
}

function readScope(field: string, value: Body): OAuth2PermissionScope {
  const scope = members(field, value, [
    'id',
    'value',
    'type',
    'isEnabled',
    'adminConsentDisplayName',
    'adminConsentDescription',
    'userConsentDisplayName',
    'userConsentDescription',
  ]);
  const textIfAny = (property: string) =>
    scope[property] == null ? null : text(`${field}.${property}`, scope[property]);
  return {
    id: guid(`${field}.id`, scope.id),
    value: text(`${field}.value`, scope.value),
    type: oneOf(`${field}.type`, scope.type, ['User', 'Admin']),
    isEnabled: yesOrNo(`${field}.isEnabled`, scope.isEnabled, true),
    adminConsentDisplayName: text(`${field}.adminConsentDisplayName`, scope.adminConsentDisplayName),
    adminConsentDescription: text(`${field}.adminConsentDescription`, scope.adminConsentDescription),
    userConsentDisplayName: textIfAny('userConsentDisplayName'),
    userConsentDescription: textIfAny('userConsentDescription'),
  };
}

function readOptionalClaims(field: string, value: unknown): Application['optionalClaims'] {
  const { accessToken } = members(field, value, ['accessToken']);
  return each(`${field}.accessToken`, (accessToken ?? []) as Body[], (at, claim) => {
    const { name, additionalProperties } = members(at, claim, ['name', 'additionalProperties']);
    return {
      name: oneOf(`${at}.name`, name, optionalClaimNames),
      additionalProperties: texts(`${at}.additionalProperties`, (additionalProperties ?? []) as string[]),
    };
  });
}

function readImplicitGrant(field: string, value: unknown, before: Application['implicitGrantSettings']) {
  const names = ['enableAccessTokenIssuance', 'enableIdTokenIssuance'] as const;
  const settings = members(field, value, names);
  const setting = (name: (typeof names)[number]) => yesOrNo(`${field}.${name}`, settings[name], before[name]);
  return {
    enableAccessTokenIssuance: setting('enableAccessTokenIssuance'),
    enableIdTokenIssuance: setting('enableIdTokenIssuance'),
  };
}

function redirectUrisOf(field: string, value: Body, before: readonly string[]): readonly string[] {
  return 'redirectUris' in value ? texts(`${field}.redirectUris`, value.redirectUris as string[]) : before;
}

/** The members of an object that are kept; the others must be empty. */
function members(field: string, value: unknown, kept: readonly string[]): Body {
  onlyKnownFields(field, value, Object.keys(value ?? {}));
  const given = value as Body;
  for (const [name, each] of Object.entries(given)) {
    if (!kept.includes(name)) {
      mustBeEmpty(`${field}.${name}`, each);
    }
  }
  return given;
}

function mustBeEmpty(field: string, value: unknown): void {
  const isEmpty = value === null || value === false || (Array.isArray(value) && value.length === 0);
  if (!isEmpty) {
    throw wrong(field, 'is read-only, unknown, or not kept by this local Entra');
  }
}
