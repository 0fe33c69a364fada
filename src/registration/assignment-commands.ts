import { type Assignment, checkAssignment } from './assignment.js';
import { DEFAULT_GRAPH } from './graph-client.js';

/** How a person does it who has the Azure CLI, or whatever else speaks to Microsoft Graph. */
export interface AssignmentCommands {
  /** Lines for a POSIX shell, which work as they stand. */
  readonly az: readonly string[];
  /** The requests, with what the first ones answer in braces. */
  readonly graph: readonly string[];
}

export function grantCommands(assignment: Assignment): AssignmentCommands {
  const { az, graph } = lookUps(assignment);
  const fields = ['principalId', 'resourceId', 'appRoleId'];
  const json = (values: readonly string[]) =>
    `{${fields.map((field, index) => `"${field}":"${values[index]}"`).join(',')}}`;
  return {
    az: [
      ...az,
      `az rest --method POST --url "${DEFAULT_GRAPH}/servicePrincipals/$API/appRoleAssignedTo" --body "${json(['$CLIENT', '$API', '$ROLE']).replaceAll('"', '\\"')}"`,
    ],
    graph: [...graph, 'POST /servicePrincipals/{api}/appRoleAssignedTo', json(['{client}', '{api}', '{role}'])],
  };
}

export function revokeCommands(assignment: Assignment): AssignmentCommands {
  const { az, graph } = lookUps(assignment);
  return {
    az: [
      ...az,
      `ASSIGNMENT=$(az rest --method GET --url "${DEFAULT_GRAPH}/servicePrincipals/$CLIENT/appRoleAssignments?\\$top=999" --query "value[?resourceId=='$API' && appRoleId=='$ROLE'].id | [0]" --output tsv)`,
      `az rest --method DELETE --url "${DEFAULT_GRAPH}/servicePrincipals/$API/appRoleAssignedTo/$ASSIGNMENT"`,
    ],
    graph: [
      ...graph,
      'GET /servicePrincipals/{client}/appRoleAssignments',
      'DELETE /servicePrincipals/{api}/appRoleAssignedTo/{assignment}',
    ],
  };
}

function lookUps(assignment: Assignment): AssignmentCommands {
  const { clientId, to, value } = checkAssignment(assignment);
  const role = `appRoles[?value=='${value.replaceAll("'", "\\'")}'].id | [0]`;
  return {
    az: [
      `API=$(az ad sp show --id ${clientId} --query id --output tsv)`,
      `CLIENT=$(az ad sp show --id ${to} --query id --output tsv)`,
      `ROLE=$(az ad sp show --id ${clientId} --query ${quote(role)} --output tsv)`,
    ],
    graph: [
      `GET /servicePrincipals(appId='${clientId}')?$select=id,appRoles`,
      `GET /servicePrincipals(appId='${to}')?$select=id`,
    ],
  };
}

/** One word of a POSIX shell. */
function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
