import { permissionsDocument } from '../reference/index.js';
import { asUsageError } from './as-usage-error.js';
import { describedAppDetails, describedAppOptions, loadDescribedApp } from './load-described-app.js';
import type { Verb } from './verb.js';

/** `express-app-roles document`: the permissions document of an app. */
export const document: Verb = {
  name: 'document',
  summary: "The permissions document of an API, in Microsoft's format (application/permissions+json).",
  positionals: ['app.ts'],
  options: { ...describedAppOptions, json: { summary: 'print { document, findings } in one line' } },
  details: `
The document goes to standard output; what it cannot say, as whose records a permission opens, to standard error.

${describedAppDetails}

Exit codes: 0, 2 for bad input.`,
  examples: [{ command: 'npx express-app-roles document src/app.ts > permissions.json', what: 'of an app' }],

  async run({ positionals: [file], options }) {
    const source = await loadDescribedApp(file, options);
    const made = asUsageError(() => permissionsDocument(source));
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(made)}\n`);
      return undefined;
    }
    process.stdout.write(`${JSON.stringify(made.document, undefined, 2)}\n`);
    for (const finding of made.findings) process.stderr.write(`- ${finding}\n`);
    return undefined;
  },
};
