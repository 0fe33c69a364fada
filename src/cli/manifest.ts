import { manifest as manifestOf, registrationFindings } from '../registration/index.js';
import { asUsageError } from './as-usage-error.js';
import { describeFindings } from './describe-changes.js';
import { loadPermissions } from './load-permissions.js';
import { readGuid } from './read-guid.js';
import { readRegistrationFile } from './read-registration-file.js';
import type { Verb } from './verb.js';

/** `express-app-roles manifest`: the app roles, scopes and optional claims of an API, as Microsoft Graph takes them. */
export const manifest: Verb = {
  name: 'manifest',
  summary: "An API's app roles, scopes and optional claims, in Microsoft Graph's form.",
  positionals: ['permissions.ts'],
  options: {
    'client-id': { value: 'GUID', summary: 'of the API: ids are derived from it' },
    existing: { value: 'FILE', summary: 'the registration as it is, whose ids are taken over; -: standard input' },
    json: { summary: 'print { manifest, findings } in one line' },
  },
  details: `
The module exports what definePermissions returned. JSON goes to standard output, what is to be known about it to standard
error. An existing registration is what az ad app show prints, or Microsoft Graph answers. What it has besides is not in the
manifest: whoever writes the manifest over it has to have removed that, or uses the verb apply.

Exit codes: 0, 2 for bad input.`,
  examples: [
    {
      command: 'npx express-app-roles manifest src/permissions.ts --client-id 11111111-1111-4111-8111-111111111111',
      what: 'of a new API',
    },
    {
      command: 'az ad app show --id <client id> | npx express-app-roles manifest src/permissions.ts --existing -',
      what: 'with the ids that are registered',
    },
  ],

  async run({ positionals: [file], options }) {
    const permissions = await loadPermissions(file);
    const existing = options.existing === undefined ? undefined : await readRegistrationFile(String(options.existing));
    const clientId =
      existing && options['client-id'] === undefined ? existing.appId : readGuid('--client-id', options['client-id']);
    const given = { clientId, ...(existing && { existing }) };
    const [made, findings] = asUsageError(() => [
      manifestOf(permissions, given),
      registrationFindings(permissions, given),
    ]);
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ manifest: made, findings })}\n`);
      return undefined;
    }
    process.stdout.write(`${JSON.stringify(made, undefined, 2)}\n`);
    if (findings.length > 0) {
      process.stderr.write(`${describeFindings(findings)}\n`);
    }
    return undefined;
  },
};
