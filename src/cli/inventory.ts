import { type Inventory, inventory as inventoryOf, type Operation, stopsStart } from '../express/index.js';
import { describeGrant, grantAsJson } from '../permissions/index.js';
import { asUsageError } from './as-usage-error.js';
import { describeFindings } from './describe-changes.js';
import { loadApp } from './load-app.js';
import { loadPermissions } from './load-permissions.js';
import type { Verb } from './verb.js';

/** `express-app-roles inventory`: every operation of an app, who may call it, and what is not as it should be. */
export const inventory: Verb = {
  name: 'inventory',
  summary: 'Every operation of an Express app, who may call it, and what is not as it should be.',
  positionals: ['app.ts'],
  options: {
    export: { value: 'NAME', summary: 'the export that is the app. Default: default, app, or the one that is one' },
    permissions: {
      value: 'FILE',
      summary: 'the module with definePermissions: finds permissions that no route asks for',
    },
    json: { summary: 'print { operations, findings } in one line' },
  },
  details: `
The module is loaded, so it must export the app without listening, and needs the environment that the app needs. A function
without parameters, such as createApp, is called. What Express keeps out of sight, as apps mounted in the app, the module may
export beside it: export const mounted = [{ path: '/admin', app: adminApp }];

Findings that are marked with ! would stop the start, if the app calls assertDeclared.

Exit codes: 0, 1 where a finding would stop the start, 2 for bad input.`,
  examples: [
    { command: 'npx express-app-roles inventory src/app.ts', what: 'who may call what' },
    {
      command: 'npx express-app-roles inventory src/app.ts --permissions src/permissions.ts',
      what: 'with permissions that no route asks for, in CI',
    },
    {
      command: "npx express-app-roles inventory src/app.ts --json | jq -r '.operations[] | select(.isPublic) | .path'",
      what: 'what is public',
    },
  ],

  async run({ positionals: [file], options }) {
    const { app, mounted } = await loadApp(file, options.export as string | undefined);
    const permissions =
      options.permissions === undefined ? undefined : await loadPermissions(String(options.permissions));
    const found = asUsageError(() => inventoryOf(app, { mounted, ...(permissions && { permissions }) }));
    process.stdout.write(`${options.json === true ? JSON.stringify(asJson(found)) : describe(found)}\n`);
    return found.findings.some(stopsStart) ? 1 : undefined;
  },
};

function asJson({ operations, findings }: Inventory): object {
  return {
    operations: operations.map((each) => ({ ...each, allows: each.allows.map((grants) => grants.map(grantAsJson)) })),
    findings: findings.map((each) => ({ ...each, stopsStart: stopsStart(each) })),
  };
}

function describe({ operations, findings }: Inventory): string {
  const parts = [operations.length === 0 ? 'No route.' : table(operations)];
  if (findings.length > 0) {
    const told = findings.map((each) => ({ value: each.code, message: each.message, blocks: stopsStart(each) }));
    parts.push(`Findings\n${describeFindings(told)}`);
  }
  return parts.join('\n\n');
}

function table(operations: readonly Operation[]): string {
  const width = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
  const methods = width(operations.map(({ method }) => method));
  const paths = width(operations.map(({ path }) => path));
  return operations
    .flatMap((operation) =>
      whoMay(operation).map((who, index) => {
        const { method, path } = index === 0 ? operation : { method: '', path: '' };
        return `${method.padEnd(methods)}  ${path.padEnd(paths)}  ${who}`;
      }),
    )
    .join('\n');
}

/** A line for each grant. */
function whoMay({ isPublic, allows }: Operation): readonly string[] {
  if (isPublic) return ['anyone'];
  if (allows.length === 0) return ['not declared'];
  return allows.flatMap((grants, allow) =>
    grants.map((grant, index) => `${index > 0 ? 'or ' : allow > 0 ? 'and ' : ''}${describeGrant(grant)}`),
  );
}
