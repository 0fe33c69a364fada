import { malformedScope, scopeNotDefault, unknownResource } from '../aadsts.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import { requiredParameter, type TokenRequest } from './token-request.js';

/** One resource and `/.default` at v2.0, the resource alone at v1.0: a client that asks as itself gets all its roles or none. */
export function requestedResource(
  request: TokenRequest,
  tenantId: string,
): { resource: ServicePrincipal; audience: string } {
  const audience =
    request.version === 1 ? requiredParameter(request, 'resource') : beforeDefault(requiredParameter(request, 'scope'));
  const resource = request.entra.directory.servicePrincipals.ofResource(audience, tenantId);
  if (!resource) {
    throw unknownResource(audience, tenantId);
  }
  return { resource, audience };
}

function beforeDefault(scope: string): string {
  const requested = scope.split(' ').filter((part) => part !== '');
  const notDefault = requested.find((part) => !part.endsWith('/.default'));
  if (notDefault) {
    throw scopeNotDefault(notDefault);
  }
  const audience = requested[0]?.slice(0, -'/.default'.length);
  if (!audience || requested.length > 1) {
    throw malformedScope(scope);
  }
  return audience;
}
