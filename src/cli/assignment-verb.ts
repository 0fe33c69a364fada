import type { Assignment, AssignmentCommands, AssignmentOutcome, GraphClient } from '../registration/index.js';
import { asUsageError } from './as-usage-error.js';
import { connect, describeSignedIn, graphDetails, graphOptions } from './graph-connection.js';
import { readGuid } from './read-guid.js';
import { UsageError, type Verb } from './verb.js';

interface AssignmentVerb {
  readonly name: 'grant' | 'revoke';
  readonly summary: string;
  /** The option that names the client. */
  readonly client: 'to' | 'from';
  readonly details: string;
  readonly commands: (assignment: Assignment) => AssignmentCommands;
  readonly execute: (graph: GraphClient, assignment: Assignment) => Promise<AssignmentOutcome>;
  /** What is told of a change, and of none. */
  readonly told: { readonly changed: string; readonly unchanged: string };
}

/** A verb that gives an app role to a client, or takes it: by commands to copy, or by itself. */
export function assignmentVerb({ name, summary, client, details, commands, execute, told }: AssignmentVerb): Verb {
  const ids = `--client-id 11111111-1111-4111-8111-111111111111 --${client} 22222222-2222-4222-8222-222222222222`;
  return {
    name,
    summary,
    positionals: ['app role'],
    options: {
      'client-id': { value: 'GUID', summary: 'of the API' },
      [client]: { value: 'GUID', summary: 'client id of the client, or of a managed identity' },
      execute: { summary: 'do it, instead of printing how' },
      ...graphOptions,
      json: { summary: 'print { az, graph }; with --execute { tenantId, isChanged }' },
    },
    details: `
Prints commands of the Azure CLI and requests to Microsoft Graph, and asks nobody. With --execute it does it: that takes
AppRoleAssignment.ReadWrite.All with Application.Read.All, or a user who administers applications. ${details}
${graphDetails}

Exit codes: 0 also where nothing had to be done, 1 for a failure, 2 for bad input.`,
    examples: [
      { command: `npx express-app-roles ${name} Mail.Send ${ids}`, what: 'how to' },
      { command: `npx express-app-roles ${name} Mail.Send ${ids} --execute`, what: 'does it' },
    ],

    async run(given) {
      const { positionals, options } = given;
      const [value] = positionals;
      if (value === undefined) {
        throw new UsageError(`name the app role, like Mail.Send. See: express-app-roles ${name} --help`);
      }
      const assignment = {
        clientId: readGuid('--client-id', options['client-id']),
        to: readGuid(`--${client}`, options[client]),
        value,
      };
      const isJson = options.json === true;
      const print = (text: string, json: object) =>
        void process.stdout.write(`${isJson ? JSON.stringify(json) : text}\n`);
      if (options.execute !== true) {
        const { az, graph } = asUsageError(() => commands(assignment));
        print(['# Azure CLI', ...az, '', '# Microsoft Graph', ...graph].join('\n'), { az, graph });
        return undefined;
      }
      const { graph, signedIn } = await connect(given);
      if (!isJson) {
        process.stdout.write(`Tenant ${signedIn.tenantId}, signed in as ${describeSignedIn(signedIn)}\n`);
      }
      const { isChanged } = await execute(graph, assignment);
      print(`${assignment.to} ${isChanged ? told.changed : told.unchanged} ${value}.`, {
        tenantId: signedIn.tenantId,
        isChanged,
      });
      return undefined;
    },
  };
}
