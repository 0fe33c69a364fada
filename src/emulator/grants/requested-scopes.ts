import { malformedScope, unknownResource, unknownScope } from '../aadsts.js';
import { MICROSOFT_GRAPH_CLIENT_ID } from '../description/microsoft-graph.js';
import type { Application } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { Version } from '../documents.js';

/** Delegated permissions of one resource that a client asks for. */
export interface RequestedPermissions {
  readonly resource: ServicePrincipal;
  /** The resource as the client wrote it. */
  readonly audience: string;
  /** `default`: whatever was granted already. */
  readonly scopes: readonly string[] | 'default';
}

export interface RequestedScopes {
  /** Of openid, profile, email and offline_access. */
  readonly openId: readonly string[];
  /** In the order of asking; never empty: who asks for a sign-in only gets a token for Microsoft Graph. */
  readonly permissions: readonly [RequestedPermissions, ...RequestedPermissions[]];
}

const openIdScopes = ['openid', 'profile', 'email', 'offline_access'];

/** What `scope` says at v2.0, and what `resource` amounts to at v1.0; `undefined` where neither is there. */
export function scopeOf(version: Version, parameters: URLSearchParams): string | undefined {
  if (version === 2) {
    return parameters.get('scope') || undefined;
  }
  const resource = parameters.get('resource');
  return resource ? `openid profile offline_access ${resource}/.default` : undefined;
}

/**
 * Reads the scopes of a request for a user: `<App ID URI or client id>/<value>`, and bare values for those of Microsoft Graph.
 * An app role is no scope: asked for by name, it does not exist.
 */
export function requestedScopes(
  directory: Directory,
  client: Application,
  tenantId: string,
  scope: string,
): RequestedScopes {
  const parts = [...new Set(scope.split(' ').filter((part) => part !== ''))];
  const byResource = new Map<string, RequestedPermissions>();
  for (const part of parts.filter((each) => !openIdScopes.includes(each))) {
    const { resource, audience, value } = permissionCalled(directory, tenantId, part);
    const before = byResource.get(resource.objectId);
    if (before && (before.scopes === 'default' || value === '.default')) {
      throw malformedScope(scope);
    }
    byResource.set(resource.objectId, {
      resource,
      audience: before?.audience ?? audience,
      scopes:
        value === '.default'
          ? 'default'
          : [...(before?.scopes ?? []), enabledScope(directory, client, resource, value)],
    });
  }
  const [first, ...others] = byResource.values();
  const openId = parts.filter((part) => openIdScopes.includes(part));
  if (!first && openId.length === 0) {
    throw malformedScope(scope);
  }
  return { openId, permissions: [first ?? signInOnly(directory, tenantId), ...others] };
}

/** A value may hold slashes, and so does the identifier before it: the longest identifier that is one counts. */
function permissionCalled(directory: Directory, tenantId: string, scope: string) {
  for (let slash = scope.lastIndexOf('/'); slash > 0; slash = scope.lastIndexOf('/', slash - 1)) {
    const audience = scope.slice(0, slash);
    const resource = directory.servicePrincipals.ofResource(audience, tenantId);
    if (resource) {
      return { resource, audience, value: scope.slice(slash + 1) };
    }
  }
  if (scope.includes('/')) {
    throw unknownResource(scope.slice(0, scope.lastIndexOf('/')), tenantId);
  }
  return { ...microsoftGraph(directory, tenantId), value: scope };
}

function enabledScope(directory: Directory, client: Application, resource: ServicePrincipal, value: string): string {
  const { oauth2PermissionScopes } = directory.servicePrincipals.applicationOf(resource);
  if (!oauth2PermissionScopes.some((scope) => scope.value === value && scope.isEnabled)) {
    throw unknownScope(client, value, resource);
  }
  return value;
}

function signInOnly(directory: Directory, tenantId: string): RequestedPermissions {
  return { ...microsoftGraph(directory, tenantId), scopes: [] };
}

function microsoftGraph(directory: Directory, tenantId: string) {
  const resource = directory.servicePrincipals.ofClient(MICROSOFT_GRAPH_CLIENT_ID, tenantId);
  if (!resource) {
    throw unknownResource(MICROSOFT_GRAPH_CLIENT_ID, tenantId);
  }
  return { resource, audience: 'https://graph.microsoft.com' };
}
