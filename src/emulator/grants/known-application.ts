import { notMultiTenant, unknownClient } from '../aadsts.js';
import type { Application } from '../directory/application.js';
import type { Directory } from '../directory/directory.js';
import { knownClient } from './known-client.js';

/** The registration that asks at an endpoint: of the tenant, or where none is named of any, if it admits several. */
export function knownApplication(
  directory: Directory,
  clientId: string,
  { tenantId, tenantName }: { readonly tenantId: string | undefined; readonly tenantName: string },
): Application {
  const application = directory.applications.find(clientId);
  if (!application || application.clientId !== clientId.toLowerCase()) {
    throw unknownClient(clientId, tenantId ?? tenantName);
  }
  if (tenantId !== undefined) {
    knownClient(directory, clientId, tenantId);
  } else if (application.signInAudience === 'AzureADMyOrg') {
    throw notMultiTenant(application);
  }
  return application;
}
