import { drift as driftOf, readFromGraph, readHolders } from '../registration/index.js';
import { asUsageError } from './as-usage-error.js';
import { describeChanges, describeFindings } from './describe-changes.js';
import { connect, graphDetails, graphOptions } from './graph-connection.js';
import { loadPermissions } from './load-permissions.js';
import { readGuid } from './read-guid.js';
import { readRegistrationFile } from './read-registration-file.js';
import { UsageError, type Verb, type VerbArguments } from './verb.js';

/** `express-app-roles drift`: what of the app registration is not as the catalogue declares it. */
export const drift: Verb = {
  name: 'drift',
  summary: 'What of the app registration is not as the catalogue declares it, and whom a change would touch.',
  positionals: ['permissions.ts'],
  options: {
    'client-id': { value: 'GUID', summary: 'of the API, whose registration is read from Microsoft Graph' },
    registration: { value: 'FILE', summary: 'a registration in a file instead; -: standard input' },
    ...graphOptions,
    json: { summary: 'print { application, changes, findings, isDrifted }' },
  },
  details: `
Reads only: Application.Read.All is enough, or Application.ReadWrite.OwnedBy. Who consented to scopes takes Directory.Read.All
besides. Compared are app roles, scopes and the optional claims idtyp and acct, and nothing else of the registration.
${graphDetails}

Exit codes: 0 for none, 1 for a drift or a failure, 2 for bad input.`,
  examples: [
    {
      command: 'npx express-app-roles drift src/permissions.ts --client-id 11111111-1111-4111-8111-111111111111',
      what: 'in CI, with a read-only identity',
    },
    {
      command: 'az ad app show --id <client id> | npx express-app-roles drift src/permissions.ts --registration -',
      what: 'without an identity of its own',
    },
  ],

  async run(given) {
    const permissions = await loadPermissions(given.positionals[0]);
    const { registration, holders } = await read(given);
    const { changes, findings, isDrifted } = asUsageError(() => driftOf(permissions, registration, holders));
    const { appId, displayName } = registration;
    if (given.options.json === true) {
      const application = { clientId: appId, displayName };
      process.stdout.write(`${JSON.stringify({ application, changes, findings, isDrifted })}\n`);
    } else {
      const parts = [
        `${displayName ?? 'Application'} (${appId}): ${isDrifted ? 'not as declared' : 'as declared'}`,
        describeChanges(changes),
        describeFindings(findings),
      ];
      process.stdout.write(`${parts.filter((part) => part !== '').join('\n')}\n`);
    }
    return isDrifted ? 1 : undefined;
  },
};

async function read(given: VerbArguments) {
  const { registration: file, 'client-id': clientId } = given.options;
  if (file === undefined) {
    const id = readGuid('--client-id', clientId);
    const { graph } = await connect(given);
    return { registration: await readFromGraph(graph, id), holders: await readHolders(graph, id) };
  }
  const registration = await readRegistrationFile(String(file));
  if (clientId !== undefined && readGuid('--client-id', clientId) !== registration.appId) {
    throw new UsageError(`--client-id ${clientId}: the registration in the file is of ${registration.appId}.`);
  }
  return { registration, holders: undefined };
}
