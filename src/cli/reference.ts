import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { referenceFiles } from '../reference/index.js';
import { asUsageError } from './as-usage-error.js';
import { describedAppDetails, describedAppOptions, loadDescribedApp } from './load-described-app.js';
import { UsageError, type Verb } from './verb.js';

/** `express-app-roles reference`: who may call what, as Markdown. */
export const reference: Verb = {
  name: 'reference',
  summary: 'The permission tables of an API, and a page for each permission, as Markdown.',
  positionals: ['app.ts'],
  options: {
    ...describedAppOptions,
    out: { value: 'DIR', summary: 'write files there: operations.md and permissions/<name>.md. Default: print them' },
    json: { summary: 'print { "<file>": "<text>" } in one line' },
  },
  details: `
Tables have the form of Microsoft Graph's documentation: for each way of signing in the least privileged permission, and the
others. Pages of permissions have the texts that people read before they consent, and what the permission opens. Files in DIR
are overwritten, others there are left alone.

${describedAppDetails}

Exit codes: 0, 2 for bad input.`,
  examples: [
    { command: 'npx express-app-roles reference src/app.ts --out docs/permissions', what: 'into the documentation' },
    { command: 'npx express-app-roles reference src/app.ts | less', what: 'to read' },
  ],

  async run({ positionals: [file], options }) {
    const source = await loadDescribedApp(file, options);
    const files = asUsageError(() => referenceFiles(source));
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify(Object.fromEntries(files))}\n`);
    } else if (options.out === undefined) {
      process.stdout.write([...files.values()].join('\n'));
    } else {
      const folder = String(options.out);
      for (const [name, text] of files) await write(join(folder, name), text);
      process.stderr.write(`${files.size} files are in ${folder}.\n`);
    }
    return undefined;
  },
};

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${(error as NodeJS.ErrnoException).code}.`);
  }
}
