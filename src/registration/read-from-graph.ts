import { explained } from './explained.js';
import { type GraphClient, type GraphEntity, GraphRequestError } from './graph-client.js';
import type { AppRoleAssignment, Holders, PermissionGrant } from './holders.js';
import { readRegistration } from './read-registration.js';
import type { Registration } from './registration.js';

/**
 * Reads the registration of an API. `Application.Read.All` is enough, and `Application.ReadWrite.OwnedBy` too.
 *
 * @throws Error where there is none, with the command that makes one
 */
export async function readFromGraph(
  graph: GraphClient,
  clientId: string,
): Promise<Registration & { readonly id: string }> {
  const found = await explained(
    graph.get(`/applications(appId='${clientId}')?$select=id,appId,displayName,appRoles,api,optionalClaims`),
    {
      missing: `There is no app registration with the client id ${clientId} in this tenant: az ad app create --display-name <name>`,
      denied: 'Reading takes Application.Read.All, or Application.ReadWrite.OwnedBy.',
    },
  );
  return readRegistration(found) as Registration & { readonly id: string };
}

/**
 * Reads who was granted what of an API in the tenant that the token is of. Without `Directory.Read.All` consents of users and
 * admins stay unknown; an API without a service principal has nobody.
 */
export async function readHolders(graph: GraphClient, clientId: string): Promise<Holders> {
  const none = { appRoleAssignedTo: [], oauth2PermissionGrants: [], clientNames: new Map() };
  const api = await graph.get(`/servicePrincipals(appId='${clientId}')?$select=id`).catch(unless(404));
  if (api === undefined) {
    return none;
  }
  const resourceId = String(api.id);
  const assignments = await graph.list(`/servicePrincipals/${resourceId}/appRoleAssignedTo`);
  const filter = new URLSearchParams({ $filter: `resourceId eq '${resourceId}'` });
  const grants = await graph.list(`/oauth2PermissionGrants?${filter}`).catch(unless(403));
  const clientNames = new Map<string, string>();
  for (const clientPrincipalId of new Set(grants?.map((grant) => String(grant.clientId)))) {
    const client = await graph.get(`/servicePrincipals/${clientPrincipalId}?$select=displayName`).catch(unless(404));
    clientNames.set(clientPrincipalId, String(client?.displayName ?? clientPrincipalId));
  }
  return {
    appRoleAssignedTo: assignments as readonly GraphEntity[] as readonly (GraphEntity & AppRoleAssignment)[],
    oauth2PermissionGrants: grants as readonly (GraphEntity & PermissionGrant)[] | undefined,
    clientNames,
  };
}

function unless(status: number) {
  return (error: unknown): undefined => {
    if (!(error instanceof GraphRequestError && error.status === status)) {
      throw error;
    }
  };
}
