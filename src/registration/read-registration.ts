import { ConfigurationError } from '../errors/index.js';
import { isGuid } from '../token/index.js';
import type { AppRole, OptionalClaim, OptionalClaims, PermissionScope, Registration } from './registration.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads an app registration: what `az ad app show` prints, what Microsoft Graph answers, or what the portal downloads as
 * "Microsoft Graph App Manifest". Members that declare no permission are left out.
 *
 * @throws ConfigurationError that names the member, and the way to the right form for a manifest of the older Azure AD Graph
 */
export function readRegistration(json: unknown): Registration {
  const given = object(json, 'The registration');
  if ('oauth2Permissions' in given || 'accessTokenAcceptedVersion' in given) {
    throw new ConfigurationError(
      'The registration is in the form of Azure AD Graph. Export it in that of Microsoft Graph: az ad app show --id <client id>.',
    );
  }
  if (!isGuid(given.appId)) {
    throw new ConfigurationError(
      'The registration has no appId: give the whole JSON of one application, as az ad app show --id <client id> prints it.',
    );
  }
  const api = object(given.api ?? {}, 'api');
  return {
    appId: given.appId.toLowerCase(),
    ...(isGuid(given.id) && { id: given.id.toLowerCase() }),
    ...(typeof given.displayName === 'string' && { displayName: given.displayName }),
    appRoles: list(given.appRoles, 'appRoles', readAppRole),
    api: { oauth2PermissionScopes: list(api.oauth2PermissionScopes, 'api.oauth2PermissionScopes', readScope) },
    optionalClaims: readOptionalClaims(object(given.optionalClaims ?? {}, 'optionalClaims')),
  };
}

function readAppRole(role: Json, at: string): AppRole {
  return {
    ...readPermission(role, at),
    allowedMemberTypes: texts(role.allowedMemberTypes, `${at}.allowedMemberTypes`),
    displayName: text(role.displayName, `${at}.displayName`),
    description: textOrNull(role.description, `${at}.description`),
  };
}

function readScope(scope: Json, at: string): PermissionScope {
  return {
    ...readPermission(scope, at),
    type: text(scope.type, `${at}.type`),
    adminConsentDisplayName: text(scope.adminConsentDisplayName, `${at}.adminConsentDisplayName`),
    adminConsentDescription: text(scope.adminConsentDescription, `${at}.adminConsentDescription`),
    userConsentDisplayName: textOrNull(scope.userConsentDisplayName, `${at}.userConsentDisplayName`),
    userConsentDescription: textOrNull(scope.userConsentDescription, `${at}.userConsentDescription`),
  };
}

function readPermission({ id, value, isEnabled }: Json, at: string) {
  if (!isGuid(id)) {
    throw new ConfigurationError(`${at}.id must be a GUID.`);
  }
  if (typeof isEnabled !== 'boolean') {
    throw new ConfigurationError(`${at}.isEnabled must be true or false.`);
  }
  return { id: id.toLowerCase(), value: textOrNull(value, `${at}.value`) || null, isEnabled };
}

function readOptionalClaims({ accessToken, idToken, saml2Token }: Json): OptionalClaims {
  const read = (claims: unknown, name: string) => list(claims, `optionalClaims.${name}`, readOptionalClaim);
  return {
    accessToken: read(accessToken, 'accessToken'),
    idToken: read(idToken, 'idToken'),
    saml2Token: read(saml2Token, 'saml2Token'),
  };
}

function readOptionalClaim({ name, source, essential, additionalProperties }: Json, at: string): OptionalClaim {
  return {
    name: text(name, `${at}.name`),
    source: textOrNull(source, `${at}.source`),
    essential: essential === true,
    additionalProperties: texts(additionalProperties ?? [], `${at}.additionalProperties`),
  };
}

function list<T>(value: unknown, at: string, read: (item: Json, at: string) => T): readonly T[] {
  if (value !== undefined && value !== null && !Array.isArray(value)) {
    throw new ConfigurationError(`${at} must be a list.`);
  }
  return (value ?? []).map((item: unknown, index: number) => read(object(item, `${at}[${index}]`), `${at}[${index}]`));
}

function texts(value: unknown, at: string): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new ConfigurationError(`${at} must be a list of texts.`);
  }
  return value;
}

function textOrNull(value: unknown, at: string): string | null {
  return value === undefined || value === null ? null : text(value, at);
}

function text(value: unknown, at: string): string {
  if (typeof value !== 'string') {
    throw new ConfigurationError(`${at} must be a text.`);
  }
  return value;
}

function object(value: unknown, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ConfigurationError(`${at} must be a JSON object.`);
  }
  return value as Json;
}
