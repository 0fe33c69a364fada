import type { Catalogue } from '../../permissions/index.js';

/** A caller as one describes it to the explainer: never a token. */
export interface CallerDescription {
  readonly kind: 'anonymous' | 'delegated' | 'application';
  /** Delegated permissions of a user's token, or application permissions of a client's. */
  readonly permissions: readonly string[];
  readonly userRoles: readonly string[];
  readonly account: 'work' | 'personal';
  /** The record that is asked for: whether it is there, and what of it is true for the caller. */
  readonly record: {
    readonly isThere: boolean;
    readonly isOwned: boolean;
    /** The role that the grant wants was granted to the client on it. */
    readonly isSelected: boolean;
    /** It is of a scope that the client is assigned to. */
    readonly isWithin: boolean;
  };
  /** Whether the application's own conditions are met. */
  readonly conditionsHold: boolean;
}

const flags = ['there', 'owned', 'selected', 'within', 'conditions'] as const;
const single = ['operation', 'kind', 'account'] as const;
const several = ['permission', 'userRole'] as const;

/**
 * Reads `kind=application&permission=Mail.Send&there&owned`. A flag that is left out is not so.
 *
 * @returns a sentence for whoever asked, where it cannot be read: no value that was sent is quoted
 */
export function readCaller(query: URLSearchParams, catalogue: Catalogue): CallerDescription | string {
  for (const name of new Set(query.keys())) {
    if (![...flags, ...single, ...several].some((known) => known === name)) return 'A parameter is not known.';
    if (!several.some((known) => known === name) && query.getAll(name).length > 1) return `${name} is there twice.`;
  }
  const kind = query.get('kind');
  if (kind !== 'anonymous' && kind !== 'delegated' && kind !== 'application') {
    return 'kind must be anonymous, delegated or application.';
  }
  const account = query.get('account') ?? 'work';
  if (account !== 'work' && account !== 'personal') return 'account must be work or personal.';
  const [permissions, userRoles] = [query.getAll('permission'), query.getAll('userRole')];
  const has = (name: string, of: 'delegated' | 'application' | 'userRole') =>
    Object.hasOwn(catalogue, name) && catalogue[name]?.[of] !== undefined;
  if (!permissions.every((name) => kind !== 'anonymous' && has(name, kind))) {
    return 'A permission is not one that this API has for callers of this kind.';
  }
  if (!userRoles.every((name) => kind === 'delegated' && has(name, 'userRole'))) {
    return 'A user role is not one that this API has, or the caller is no user.';
  }
  return {
    kind,
    permissions: [...new Set(permissions)],
    userRoles: [...new Set(userRoles)],
    account,
    record: {
      isThere: query.has('there'),
      isOwned: query.has('owned'),
      isSelected: query.has('selected'),
      isWithin: query.has('within'),
    },
    conditionsHold: query.has('conditions'),
  };
}
