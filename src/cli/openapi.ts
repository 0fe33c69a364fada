import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { openApi } from '../reference/index.js';
import { asUsageError } from './as-usage-error.js';
import { describedAppDetails, describedAppOptions, loadDescribedApp } from './load-described-app.js';
import { readGuid } from './read-guid.js';
import { UsageError, type Verb } from './verb.js';

/** `express-app-roles openapi`: who may call what, as OpenAPI 3.1. */
export const openapi: Verb = {
  name: 'openapi',
  summary: 'The OpenAPI 3.1 document of an API: who may call what, and how tokens are asked for.',
  positionals: ['app.ts'],
  options: {
    'client-id': { value: 'GUID', summary: 'of the API' },
    tenant: { value: 'TENANT', summary: 'whose endpoints clients use: a GUID. Default: organizations' },
    merge: { value: 'FILE', summary: 'a document (JSON) to add this to; -: standard input' },
    ...describedAppOptions,
    json: { summary: 'print { document, conflicts } in one line' },
  },
  details: `
The document goes to standard output, conflicts to standard error. Of a document that is merged everything stays; where it
disagrees with the routes that is told. What was written here before (operations with x-permissions) is renewed, so that the
output can be merged again. YAML has to be converted first.

${describedAppDetails}

Exit codes: 0, 1 where there are conflicts, 2 for bad input.`,
  examples: [
    {
      command:
        'npx express-app-roles openapi src/app.ts --client-id 11111111-1111-4111-8111-111111111111 --tenant 22222222-2222-4222-8222-222222222222',
      what: 'of an API without one',
    },
    {
      command:
        'npx express-app-roles openapi src/app.ts --client-id 11111111-1111-4111-8111-111111111111 --merge openapi.json > merged.json',
      what: 'added to the document that there is',
    },
  ],

  async run({ positionals: [file], options }) {
    const clientId = readGuid('--client-id', options['client-id']);
    const existing = options.merge === undefined ? undefined : await readJson(String(options.merge));
    const source = await loadDescribedApp(file, options);
    const tenant = String(options.tenant ?? 'organizations');
    const made = asUsageError(() => openApi({ ...source, clientId, tenant, existing }));
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(made)}\n`);
    } else {
      process.stdout.write(`${JSON.stringify(made.document, undefined, 2)}\n`);
      for (const conflict of made.conflicts) process.stderr.write(`! ${conflict}\n`);
    }
    return made.conflicts.length > 0 ? 1 : undefined;
  },
};

async function readJson(file: string): Promise<unknown> {
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch(() => {
    throw new UsageError(`--merge ${file}: it cannot be read.`);
  });
  try {
    return JSON.parse(content);
  } catch {
    throw new UsageError(`--merge ${file}: it is not JSON. Convert YAML first.`);
  }
}
