import { ConfigurationError } from '../errors/index.js';
import { isGuid } from '../token/index.js';
import { explained } from './explained.js';
import type { GraphClient } from './graph-client.js';
import type { AppRoleAssignment } from './holders.js';
import type { AppRole } from './registration.js';

/** An app role of an API, and the client that has it or not. */
export interface Assignment {
  /** The client id of the API. */
  readonly clientId: string;
  /** The `value` of the app role. */
  readonly value: string;
  /** The client id of the client, which may be that of a managed identity. */
  readonly to: string;
}

export interface AssignmentOutcome {
  /** False: the client had it, or had it not, already. */
  readonly isChanged: boolean;
}

const denied =
  'Granting and revoking take AppRoleAssignment.ReadWrite.All with Application.Read.All, or a user who administers applications.';

/**
 * Grants an app role to a client, which has it in its next token. It takes `AppRoleAssignment.ReadWrite.All` with
 * `Application.Read.All`, or a user who administers applications; `Application.ReadWrite.OwnedBy` is not enough.
 *
 * @throws Error where API, client or role are not there, or the role is for users; GraphRequestError for what Entra refuses
 */
export async function grantAppRole(graph: GraphClient, assignment: Assignment): Promise<AssignmentOutcome> {
  const { existing, principalId, resourceId, appRoleId, isForClients } = await find(graph, assignment);
  if (!isForClients) {
    throw new Error(`${assignment.value} is an app role for users: a client cannot have it.`);
  }
  if (existing === undefined) {
    const body = { principalId, resourceId, appRoleId };
    await explained(graph.post(`/servicePrincipals/${resourceId}/appRoleAssignedTo`, body), { denied });
  }
  return { isChanged: existing === undefined };
}

/**
 * Takes an app role from a client. Tokens that were issued before have it until they expire. It takes what granting takes.
 *
 * @throws Error where API, client or role are not there; GraphRequestError for what Entra refuses
 */
export async function revokeAppRole(graph: GraphClient, assignment: Assignment): Promise<AssignmentOutcome> {
  const { existing, resourceId } = await find(graph, assignment);
  if (existing !== undefined) {
    const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo/${existing.id}`;
    await explained(graph.delete(path), { denied });
  }
  return { isChanged: existing !== undefined };
}

/** @throws ConfigurationError unless both ids are client ids */
export function checkAssignment(assignment: Assignment): Assignment {
  for (const id of [assignment.clientId, assignment.to]) {
    if (!isGuid(id)) {
      throw new ConfigurationError(
        `${JSON.stringify(id)} is no client id: give the GUID that the portal calls Application (client) ID.`,
      );
    }
  }
  return assignment;
}

async function find(graph: GraphClient, assignment: Assignment) {
  const { clientId, value, to } = checkAssignment(assignment);
  const [api, client] = await Promise.all(
    [clientId, to].map((id) =>
      explained(graph.get(`/servicePrincipals(appId='${id}')?$select=id,appRoles`), {
        missing: `There is no service principal of ${id} in this tenant: az ad sp create --id ${id}`,
        denied,
      }),
    ),
  );
  const [resourceId, principalId] = [String(api?.id), String(client?.id)];
  const appRoles = (api?.appRoles ?? []) as readonly AppRole[];
  const role = appRoles.find((each) => each.value === value);
  if (role === undefined) {
    const values = appRoles.flatMap((each) => each.value ?? []).join(', ') || 'none';
    throw new Error(`The API has no app role ${value}; it has ${values}.`);
  }
  const assignments = await graph.list(`/servicePrincipals/${principalId}/appRoleAssignments`);
  return {
    resourceId,
    principalId,
    appRoleId: role.id,
    isForClients: role.allowedMemberTypes.includes('Application'),
    existing: (assignments as readonly unknown[] as readonly (AppRoleAssignment & { resourceId: string })[]).find(
      (each) => each.resourceId === resourceId && each.appRoleId === role.id,
    ),
  };
}
