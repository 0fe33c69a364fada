import { ConfigurationError } from '../errors/index.js';
import type { Catalogue } from '../permissions/index.js';
import { isGuid } from '../token/index.js';
import type { Finding } from './finding.js';
import { registerPermission } from './register-permission.js';
import type { Manifest, OptionalClaim, OptionalClaims, Registration } from './registration.js';

export interface ManifestOptions {
  /** The client id of the API, which ids are derived from. */
  readonly clientId: string;
  /** The registration as it is, of which ids and optional claims are taken over. Default: nothing is registered yet. */
  readonly existing?: Registration;
}

/** Whatever `definePermissions` returned. */
export interface HasCatalogue {
  readonly catalogue: Catalogue;
}

/**
 * The permissions of an API as its app registration has to declare them, in the form of Microsoft Graph's `application`: app
 * roles, scopes, and the optional claims that this library reads (`idtyp` of clients and of users, `acct`).
 *
 * An id is the catalogue's own `id`; else that of the existing role or scope of this value; else a UUID v5 of client id, kind
 * and value, the same every time. A name that is a scope and an app role gets one id and one text (see `drift`). What the
 * registration has besides is not in it, and neither is the version of access tokens (`requestedAccessTokenVersion`), which is
 * left alone. A permission with `enabled: false` is there only where it is registered already: Entra creates no disabled one.
 *
 * ```ts
 * const { appRoles, api, optionalClaims } = manifest(permissions, { clientId: CLIENT_ID });
 * ```
 *
 * @throws ConfigurationError where the client id is no GUID, or is not that of `existing`
 */
export function manifest(permissions: HasCatalogue, options: ManifestOptions): Manifest {
  return register(permissions, options).manifest;
}

/** What is to be known about a manifest: what Entra would refuse, and what it makes of names that are scope and app role. */
export function registrationFindings(permissions: HasCatalogue, options: ManifestOptions): readonly Finding[] {
  return register(permissions, options).findings;
}

/** The manifest, and what is to be known about it. */
export function register(
  { catalogue }: HasCatalogue,
  { clientId, existing }: ManifestOptions,
): { readonly manifest: Manifest; readonly findings: readonly Finding[] } {
  if (!isGuid(clientId)) {
    throw new ConfigurationError('manifest: clientId must be the client id of the API, a GUID.');
  }
  if (existing !== undefined && existing.appId !== clientId.toLowerCase()) {
    throw new ConfigurationError(
      `manifest: the registration is of ${existing.appId}, and clientId is ${clientId}: give those of one API.`,
    );
  }
  const registered = Object.entries(catalogue).map(([value, entry]) =>
    registerPermission(value, entry, clientId, existing),
  );
  const isThere = ({ isEnabled, id }: { isEnabled: boolean; id: string }, before: readonly { id: string }[]) =>
    isEnabled || before.some((each) => each.id === id);
  return {
    manifest: {
      appRoles: registered
        .flatMap(({ appRole }) => appRole ?? [])
        .filter((role) => isThere(role, existing?.appRoles ?? [])),
      api: {
        oauth2PermissionScopes: registered
          .flatMap(({ scope }) => scope ?? [])
          .filter((scope) => isThere(scope, existing?.api.oauth2PermissionScopes ?? [])),
      },
      optionalClaims: withClaims(existing?.optionalClaims),
    },
    findings: registered.flatMap(({ findings }) => findings),
  };
}

/** What this library reads to tell the kinds of callers apart, and members from guests. */
const wanted = [
  { name: 'idtyp', additionalProperties: ['include_user_token'] },
  { name: 'acct', additionalProperties: [] },
] as const;

function withClaims(before: OptionalClaims | undefined): OptionalClaims {
  const claims = new Map<string, OptionalClaim>(before?.accessToken.map((claim) => [claim.name, claim]));
  for (const { name, additionalProperties } of wanted) {
    const claim = claims.get(name) ?? { name, source: null, essential: false, additionalProperties: [] };
    claims.set(name, {
      ...claim,
      additionalProperties: [...new Set([...claim.additionalProperties, ...additionalProperties])],
    });
  }
  return { ...before, accessToken: [...claims.values()] };
}
