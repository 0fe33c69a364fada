import type { HasCatalogue } from '../registration/index.js';
import { loadModule } from './load-module.js';
import { UsageError } from './verb.js';

/**
 * What `definePermissions` returned, out of a module: its export `permissions`, its default, or the one export that is one.
 *
 * @throws UsageError that names the file
 */
export async function loadPermissions(file: string | undefined): Promise<HasCatalogue> {
  if (file === undefined) {
    throw new UsageError('name the module that exports what definePermissions returned, like src/permissions.ts.');
  }
  const exported = await loadModule(file);
  const all = [...new Set(Object.values(exported).filter(isPermissions))];
  const found = [exported.permissions, exported.default].find(isPermissions) ?? (all.length === 1 ? all[0] : undefined);
  if (!found) {
    throw new UsageError(
      `${file}: export what definePermissions returned: export const permissions = definePermissions({ … });`,
    );
  }
  return found;
}

function isPermissions(value: unknown): value is HasCatalogue {
  const { catalogue, delegated } = (value ?? {}) as { catalogue?: unknown; delegated?: unknown };
  return typeof catalogue === 'object' && catalogue !== null && typeof delegated === 'function';
}
