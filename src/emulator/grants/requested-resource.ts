import { malformedScope, scopeNotDefault, unknownResource } from '../aadsts.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { TokenRequest } from './token-request.js';

/** One resource and `/.default`: a client that asks as itself gets all its roles or none. */
export function requestedResource(
  { entra, tenantId }: TokenRequest,
  scope: string,
): { resource: ServicePrincipal; audience: string } {
  const requested = scope.split(' ').filter((part) => part !== '');
  const notDefault = requested.find((part) => !part.endsWith('/.default'));
  if (notDefault) {
    throw scopeNotDefault(notDefault);
  }
  const audience = requested[0]?.slice(0, -'/.default'.length);
  if (!audience || requested.length > 1) {
    throw malformedScope(scope);
  }
  const resource = entra.directory.servicePrincipals.ofResource(audience, tenantId);
  if (!resource) {
    throw unknownResource(audience, tenantId);
  }
  return { resource, audience };
}
