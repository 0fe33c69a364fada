import { type Catalogue, type Grant, isItem, type PermissionKind } from '../permissions/index.js';
import type { Finding } from './finding.js';
import { addressOf, type Operation } from './operation.js';
import type { Walk } from './routes.js';

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

/** Lists that show more than the items in them would. One finding for each grant. */
function unlimitedLists(operations: readonly Operation[]): readonly Finding[] {
  const lists = operations.filter(({ method }) => method === 'GET' || method === 'ALL');
  return lists.flatMap(({ method, path, allows }) =>
    allows.every((grants) => grants.some(isBare))
      ? allows
          .flat()
          .filter(isBare)
          .flatMap((grant) => {
            const [limit, item] = firstLimit(grant, path, operations) ?? [];
            return limit === undefined
              ? []
              : {
                  code: 'unlimited_list',
                  message: `${method} ${path}: ${grant.kind}('${grant.permissions[0]}') lists every record, while ${nameOf(item)} is limited. Write .${limit}Only(…) here too${
                    grant.kind === 'delegated' ? ', or .onAnyRecord() if every user may see the list' : ''
                  }.`,
                  method,
                  path,
                };
          })
      : [],
  );
}

/** Whether a grant opens everything, and no other word of the declaration says for whom or that it is meant. */
function isBare({ narrowing, userRole, conditions }: Grant): boolean {
  return narrowing.kind === 'none' && userRole === undefined && conditions.length === 0;
}

/** How the records that a list is of are limited for holders of a grant, and where: the first item route that does so. */
function firstLimit(
  listing: Grant,
  path: string,
  operations: readonly Operation[],
): readonly [limit: string, item: Operation] | undefined {
  for (const item of operations) {
    const ofKind = item.allows.flat().filter(({ kind }) => kind === listing.kind);
    const limit = ofKind
      .map(({ narrowing }) => narrowing)
      .find((narrowing) => isItem(narrowing) && narrowing.records.some(({ param }) => isIn(item.path, path, param)));
    const open = ofKind.filter(({ narrowing }) => !('records' in narrowing));
    const sharing = (grant: Grant) => grant.permissions.some((name) => listing.permissions.includes(name));
    const isLimited = open.length === 0 || (ofKind.some(sharing) && !open.some(sharing));
    if (limit !== undefined && isLimited) return [limit.kind, item];
  }
  return undefined;
}

/** Whether a path is that of an item, or of something below one, of the list at another. */
function isIn(path: string, list: string, param: string): boolean {
  const item = `${list.replace(/\/$/, '')}/:${param}`;
  return path === item || path.startsWith(`${item}/`);
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
