import { unknownClient } from '../aadsts.js';
import type { Directory } from '../directory/directory.js';
import type { ServicePrincipal } from '../directory/service-principal.js';

/** The service principal of a registered client in a tenant. Managed identities have no registration: they do not ask here. */
export function knownClient(directory: Directory, clientId: string, tenantId: string): ServicePrincipal {
  const client = directory.servicePrincipals.ofClient(clientId, tenantId);
  if (!client || client.servicePrincipalType === 'ManagedIdentity') {
    throw unknownClient(clientId, tenantId);
  }
  return client;
}
