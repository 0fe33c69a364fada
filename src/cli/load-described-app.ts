import { inventory } from '../express/index.js';
import type { ReferenceSource } from '../reference/index.js';
import { asUsageError } from './as-usage-error.js';
import { loadApp } from './load-app.js';
import { loadPermissions } from './load-permissions.js';
import { UsageError, type VerbOption } from './verb.js';

/** The options of verbs that derive something from an app and its permissions. */
export const describedAppOptions: Readonly<Record<string, VerbOption>> = {
  export: { value: 'NAME', summary: 'the export that is the app. Default: default, app, or the one that is one' },
  permissions: { value: 'FILE', summary: 'the module with definePermissions. Default: those of the routes' },
};

/** For the help of such verbs. */
export const describedAppDetails = `The module is loaded, so it must export the app without listening, and needs the environment that the app needs. A function
without parameters, such as createApp, is called. What Express keeps out of sight, as apps mounted in the app, the module may
export beside it: export const mounted = [{ path: '/admin', app: adminApp }];`;

/**
 * The app that a module exports, and the permissions that its routes are declared with.
 *
 * @throws UsageError where there is no app, or no route by which to know the permissions
 */
export async function loadDescribedApp(
  file: string | undefined,
  options: Readonly<Record<string, string | true | undefined>>,
): Promise<ReferenceSource> {
  const { app, mounted } = await loadApp(file, options.export as string | undefined);
  if (options.permissions !== undefined) {
    return { app, mounted, permissions: await loadPermissions(String(options.permissions)) };
  }
  const { operations } = asUsageError(() => inventory(app, { mounted }));
  const [grant] = operations.flatMap(({ allows }) => allows.flat());
  if (grant === undefined) {
    throw new UsageError(`${file}: no route is declared with allow(…). Name the permissions: --permissions <file>.`);
  }
  return { app, mounted, permissions: grant };
}
