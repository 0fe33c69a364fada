import type { Catalogue, PermissionKind } from '../permissions/index.js';
import type { Finding } from './finding.js';
import { addressOf, type Operation } from './operation.js';
import type { Walk } from './routes.js';
import { unlimitedLists } from './unlimited-lists.js';

/** What is wrong with an API as a whole: what could not be seen, and what routes make of each other. */
export function inventoryFindings(
  operations: readonly Operation[],
  walk: Walk,
  catalogue: Catalogue | undefined,
): readonly Finding[] {
  return [
    ...unseen(walk),
    ...repeated(operations),
    ...unlimitedLists(operations),
    ...unlimitedPermissions(operations),
    ...unused(operations, catalogue),
  ];
}

function unseen({ hidden, unfound, unplaced }: Walk): readonly Finding[] {
  return [
    ...hidden.map((path) => ({
      code: 'hidden_app',
      message: `${path}: an app is mounted here, and Express keeps it in a closure. Name it: mounted: [{ path: '${path}', app: … }].`,
      path,
    })),
    ...unfound.map(({ path }) => ({
      code: 'mounted_not_found',
      message: `${path}: nothing is mounted here that this app could be. Write the full path as the app has it, and name what is around it as well.`,
      path,
    })),
    ...unplaced.map(({ path, routes: [first, ...others] }) => ({
      code: 'unknown_path',
      message: `${path}: Express does not remember where the router of ${nameOf(first)}${
        others.length === 0 ? '' : ` and ${others.length} more`
      } is mounted. Name it: mounted: [{ path: '/where', app: router }].`,
      path,
    })),
  ];
}

const nameOf = (operation: Pick<Operation, 'method' | 'path'> | undefined) => `${operation?.method} ${operation?.path}`;

function repeated(operations: readonly Operation[]): readonly Finding[] {
  const seen = new Set<string>();
  return operations
    .filter(({ isPathKnown }) => isPathKnown)
    .filter((operation) => seen.size === seen.add(addressOf(operation)).size)
    .map(({ method, path }) => ({
      code: 'repeated_route',
      message: `${method} ${path}: is there twice. The second answers only what the first passes on; keep one.`,
      method,
      path,
    }));
}

/** Unlimited access must be a permission of its own: whoever is assigned to some records would have them all elsewhere. */
function unlimitedPermissions(operations: readonly Operation[]): readonly Finding[] {
  const limited = new Map<string, Operation>();
  for (const operation of operations) {
    for (const { narrowing } of operation.allows.flat()) {
      if ('scopes' in narrowing && !limited.has(narrowing.permission)) limited.set(narrowing.permission, operation);
    }
  }
  return operations
    .filter(({ allows }) => allows.every((grants) => grants.some(({ narrowing }) => !('records' in narrowing))))
    .flatMap(({ method, path, allows }) =>
      allows
        .flat()
        .filter(
          ({ kind, narrowing, permissions }) =>
            kind === 'application' && narrowing.kind === 'none' && permissions.every((name) => limited.has(name)),
        )
        .map(({ permissions: [name = ''] }) => ({
          code: 'unlimited_permission',
          message: `${method} ${path}: application('${name}') is unlimited here, and .within(scopes) on ${nameOf(limited.get(name))}. Write .within or .withinOnly here too, or give unlimited access a permission of its own.`,
          method,
          path,
        })),
    );
}

const kinds: readonly PermissionKind[] = ['delegated', 'application', 'userRole'];

/** One that is disabled is on its way out, and not asked for. */
function unused(operations: readonly Operation[], catalogue: Catalogue = {}): readonly Finding[] {
  const grants = operations.flatMap(({ allows }) => allows.flat());
  const used = new Set(
    grants.flatMap(({ kind, permissions, userRole }) => [
      ...permissions.map((name) => `${kind} ${name}`),
      `userRole ${userRole}`,
    ]),
  );
  return Object.entries(catalogue).flatMap(([name, entry]) =>
    kinds
      .filter((kind) => entry[kind] !== undefined && entry[kind].enabled !== false && !used.has(`${kind} ${name}`))
      .map((kind) => ({
        code: 'unused_permission',
        message: `${kind} ${name}: no route that can be seen asks for it. Whoever is granted it gets nothing.`,
      })),
  );
}
