import { type Grant, isItem } from '../permissions/index.js';
import type { Finding } from './finding.js';
import type { Operation } from './operation.js';

/** An operation on single records, some of whose grants are limited to some of them. */
interface Item {
  readonly name: string;
  readonly path: string;
  readonly grants: readonly Grant[];
}

/** Lists that show more than the items in them would: one finding for each grant. */
export function unlimitedLists(operations: readonly Operation[]): readonly Finding[] {
  const items = operations
    .map(({ method, path, allows }): Item => ({ name: `${method} ${path}`, path, grants: allows.flat() }))
    .filter(({ grants }) => grants.some(({ narrowing }) => isItem(narrowing)));
  return operations
    .filter(({ method, allows }) => ['GET', 'ALL'].includes(method) && allows.every((grants) => grants.some(isBare)))
    .flatMap(({ method, path, allows }) => {
      const below = items.filter((item) => item.path.startsWith(`${trimmed(path)}/:`));
      return below.length === 0
        ? []
        : allows
            .flat()
            .filter(isBare)
            .flatMap((grant) => tellFirst(grant, trimmed(path), below))
            .map((what) => ({ code: 'unlimited_list', message: `${method} ${path}: ${what}`, method, path }));
    });
}

/** Whether a grant opens everything, and no other word of the declaration says for whom or that it is meant. */
function isBare({ narrowing, userRole, conditions }: Grant): boolean {
  return narrowing.kind === 'none' && userRole === undefined && conditions.length === 0;
}

function trimmed(path: string): string {
  return path.replace(/\/$/, '');
}

/** The first item that holders of a grant do not get as freely as the list. */
function tellFirst(listing: Grant, list: string, items: readonly Item[]): readonly string[] {
  for (const { name, path, grants } of items) {
    const ofKind = grants.filter(({ kind }) => kind === listing.kind);
    const open = ofKind.filter(({ narrowing }) => !('records' in narrowing));
    const isShared = (grant: Grant) => grant.permissions.some((each) => listing.permissions.includes(each));
    const isLimited = open.length === 0 || (ofKind.some(isShared) && !open.some(isShared));
    const limit = ofKind.find((grant) => isAbout(grant, list, path))?.narrowing.kind;
    if (limit === undefined || !isLimited) continue;
    const meant = listing.kind === 'delegated' ? ', or .onAnyRecord() if every user may see the list' : '';
    return [
      `${listing.kind}('${listing.permissions[0]}') lists every record, while ${name} is limited. Write .${limit}Only(…) here too${meant}.`,
    ];
  }
  return [];
}

/** Whether a grant limits records that a parameter right below the list names. */
function isAbout({ narrowing }: Grant, list: string, path: string): boolean {
  return isItem(narrowing) && narrowing.records.some(({ param }) => `${path}/`.startsWith(`${list}/:${param}/`));
}
