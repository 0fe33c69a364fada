import { createInterface } from 'node:readline/promises';
import { apply as applyPlan, type Plan, plan, readFromGraph, readHolders } from '../registration/index.js';
import { asUsageError } from './as-usage-error.js';
import { describeChanges, describeFindings } from './describe-changes.js';
import { connect, describeSignedIn, graphDetails, graphOptions, type SignedIn } from './graph-connection.js';
import { loadPermissions } from './load-permissions.js';
import { readGuid } from './read-guid.js';
import type { Verb } from './verb.js';

/** `express-app-roles apply`: makes the app registration what the catalogue declares. */
export const apply: Verb = {
  name: 'apply',
  summary: 'Makes the app registration what the catalogue declares. Shows what it would do, then asks.',
  positionals: ['permissions.ts'],
  options: {
    'client-id': { value: 'GUID', summary: 'of the API' },
    remove: {
      value: 'VALUE',
      isRepeatable: true,
      summary: 'a permission that may be removed, or be for others than it is; nothing else is taken away',
    },
    yes: { summary: 'do it without asking: for CI' },
    ...graphOptions,
    json: { summary: 'print { tenantId, signedIn, application, changes, left, findings, isApplied }' },
  },
  details: `
It takes Application.ReadWrite.OwnedBy and a client that owns the registration; or a user who owns it, or administers
applications, with Application.ReadWrite.All. What to do is shown with tenant, application and who is signed in. Before it is
done the registration is read again, and nothing is written where it was changed meanwhile. Where it stops halfway, the next
apply goes on from there; where all is as declared, it does nothing.

Entra removes a permission that is disabled only, so what --remove names is disabled first. The grants of a role go with it.
${graphDetails}

Exit codes: 0 for done or nothing to do, 1 where nothing was written for want of --yes or something failed, 2 for bad input.`,
  examples: [
    {
      command: 'npx express-app-roles apply src/permissions.ts --client-id 11111111-1111-4111-8111-111111111111',
      what: 'shows, and asks',
    },
    {
      command:
        'npx express-app-roles apply src/permissions.ts --client-id 11111111-1111-4111-8111-111111111111 --remove Mail.Old --yes',
      what: 'removes one permission as well, without asking',
    },
  ],

  async run(given) {
    const permissions = await loadPermissions(given.positionals[0]);
    const clientId = readGuid('--client-id', given.options['client-id']);
    const remove = String(given.options.remove ?? '')
      .split(' ')
      .filter((value) => value !== '');
    const isJson = given.options.json === true;
    const { graph, signedIn } = await connect(given);
    const registration = await readFromGraph(graph, clientId);
    const holders = await readHolders(graph, clientId);
    const planned = asUsageError(() => plan(permissions, registration, { remove, holders }));
    const print = (text: string) => void (isJson || process.stdout.write(`${text}\n`));
    print(describePlan(planned, signedIn));

    const hasSteps = planned.steps.length > 0;
    const isApplied = hasSteps && (given.options.yes === true || (await isWanted(isJson)));
    if (isApplied) {
      await applyPlan(graph, planned, { progress: (line) => process.stderr.write(`${line}\n`) });
      print('Done.');
    } else if (hasSteps) {
      print('Nothing was written: --yes does it.');
    }
    if (isJson) {
      const { changes, left, findings } = planned;
      const application = { clientId, displayName: registration.displayName };
      const { tenantId, kind, objectId } = signedIn;
      const result = { tenantId, signedIn: { kind, objectId }, application, changes, left, findings, isApplied };
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }
    return hasSteps && !isApplied ? 1 : undefined;
  },
};

function describePlan({ before, changes, left, findings, steps }: Plan, signedIn: SignedIn): string {
  return [
    `Tenant       ${signedIn.tenantId}`,
    `Application  ${before.displayName ?? ''} (${before.appId})`,
    `Signed in    ${describeSignedIn(signedIn)}`,
    '',
    steps.length === 0 ? 'Nothing to do.' : describeChanges(changes),
    ...(left.length === 0 ? [] : ['', 'Left as it is, for want of --remove:', describeChanges(left)]),
    ...(findings.length === 0 ? [] : ['', describeFindings(findings)]),
    '',
  ].join('\n');
}

async function isWanted(isJson: boolean): Promise<boolean> {
  if (isJson || !process.stdin.isTTY || !process.stdout.isTTY) {
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question('Do this? (yes or no) ')).trim());
  } finally {
    terminal.close();
  }
}
