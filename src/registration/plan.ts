import { isDeepStrictEqual } from 'node:util';
import { ConfigurationError } from '../errors/index.js';
import { type Change, isForOthers, nameOf } from './change.js';
import { type Drift, drift } from './drift.js';
import type { Holders } from './holders.js';
import { type HasCatalogue, manifest } from './manifest.js';
import type { AppRole, Manifest, PermissionScope, Registration } from './registration.js';

export interface PlanOptions {
  /** Values of permissions that may be removed, or made to be for others than they are. Nothing else is taken away. */
  readonly remove?: readonly string[];
  /** Who was granted what, for the changes to say whom they touch. */
  readonly holders?: Holders;
}

/** What is going to be done to a registration. */
export interface Plan extends Pick<Drift, 'findings'> {
  /** The registration that was planned for. */
  readonly before: Registration;
  /** What is done. */
  readonly changes: readonly Change[];
  /** What would take something away that `remove` does not name, and is not done. */
  readonly left: readonly Change[];
  /** How the registration is after each request. */
  readonly steps: readonly Manifest[];
}

/**
 * Plans how a registration becomes what a catalogue declares. Entra removes only what is disabled already, so that what is
 * removed is disabled in a step before; scope and role of one id are always disabled together. Nothing is removed that
 * `remove` does not name. Where nothing has to be done there are no steps.
 *
 * @throws ConfigurationError where `remove` names what the catalogue declares as it is registered, or what is not there, and
 * where a finding blocks
 */
export function plan(
  permissions: HasCatalogue,
  before: Registration,
  { remove = [], holders }: PlanOptions = {},
): Plan {
  const { changes, findings } = drift(permissions, before, holders);
  const blocking = findings.find(({ blocks }) => blocks);
  if (blocking) {
    throw new ConfigurationError(blocking.message);
  }
  const takesAway = ({ action }: Change) => action === 'remove' || action === 'narrow';
  const isLeft = (change: Change) => takesAway(change) && !remove.includes(change.value);
  for (const value of remove) {
    if (!changes.some((change) => takesAway(change) && change.value === value)) {
      throw new ConfigurationError(
        `${value} cannot be removed: only what is registered and not in the catalogue can be. Take it out of the catalogue first, and mind the spelling.`,
      );
    }
  }
  const declared = manifest(permissions, { clientId: before.appId, existing: before });
  const after = targetOf(declared, before, (permission) => remove.includes(nameOf(permission)));
  const left = changes.filter(isLeft);
  return {
    before,
    findings,
    changes: changes.filter((change) => !left.includes(change) && !isHeldBack(change, left)),
    left,
    steps: stepsTo(after, before),
  };
}

/** The rest of a role stays as it is as long as it is for others than declared: its texts are of the other kind. */
function isHeldBack({ of, value }: Change, left: readonly Change[]): boolean {
  return left.some((each) => each.action === 'narrow' && each.of === of && each.value === value);
}

function targetOf(
  declared: Manifest,
  before: Registration,
  isNamed: (permission: AppRole | PermissionScope) => boolean,
): Manifest {
  const appRoles = targetIn(
    declared.appRoles,
    before.appRoles,
    isNamed,
    (now, then) => isNamed(then) || !isForOthers(now, then),
  );
  const scopes = targetIn(declared.api.oauth2PermissionScopes, before.api.oauth2PermissionScopes, isNamed, () => true);
  return {
    appRoles: appRoles.map((role) => {
      const scope = scopes.find(({ id }) => id === role.id);
      return scope && before.appRoles.includes(role)
        ? {
            ...role,
            isEnabled: scope.isEnabled,
            displayName: scope.adminConsentDisplayName,
            description: scope.adminConsentDescription,
          }
        : role;
    }),
    api: {
      oauth2PermissionScopes: scopes.map((scope) => {
        const role = appRoles.find(({ id }) => id === scope.id);
        return role && before.api.oauth2PermissionScopes.includes(scope)
          ? {
              ...scope,
              isEnabled: role.isEnabled,
              adminConsentDisplayName: role.displayName,
              adminConsentDescription: role.description ?? '',
            }
          : scope;
      }),
    },
    optionalClaims: declared.optionalClaims,
  };
}

/** In the order of the registration; what is new comes last. */
function targetIn<T extends AppRole | PermissionScope>(
  declared: readonly T[],
  before: readonly T[],
  isNamed: (permission: T) => boolean,
  mayBecome: (now: T, then: T) => boolean,
): readonly T[] {
  const kept = before.flatMap((then) => {
    const now = declared.find(({ value }) => value === then.value);
    if (now === undefined) {
      return isNamed(then) ? [] : [then];
    }
    return [mayBecome(now, then) && !isDeepStrictEqual(now, then) ? now : then];
  });
  return [...kept, ...declared.filter(({ value }) => !before.some((then) => then.value === value))];
}

function stepsTo(after: Manifest, before: Registration): readonly Manifest[] {
  const changing = new Set(
    [
      ...before.appRoles.filter((role) => {
        const now = after.appRoles.find(({ id }) => id === role.id);
        return role.isEnabled && (now === undefined || isForOthers(now, role));
      }),
      ...before.api.oauth2PermissionScopes.filter(
        ({ isEnabled, id }) => isEnabled && !after.api.oauth2PermissionScopes.some((scope) => scope.id === id),
      ),
    ].map(({ id }) => id),
  );
  const disabling = <T extends AppRole | PermissionScope>(then: readonly T[], now: readonly T[]): readonly T[] => [
    ...then.flatMap((each): readonly T[] =>
      changing.has(each.id) ? [{ ...each, isEnabled: false }] : now.filter(({ id }) => id === each.id),
    ),
    ...now.filter(({ id }) => !changing.has(id) && !then.some((each) => each.id === id)),
  ];
  const disabled: Manifest = {
    appRoles: disabling(before.appRoles, after.appRoles),
    api: {
      oauth2PermissionScopes: disabling(before.api.oauth2PermissionScopes, after.api.oauth2PermissionScopes),
    },
    optionalClaims: after.optionalClaims,
  };
  const steps = changing.size > 0 ? [disabled, after] : [after];
  return isSameManifest(after, before) ? [] : steps;
}

/** Whether two states of a registration declare the same, in whatever order. */
export function isSameManifest(one: Manifest, other: Manifest): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable({ appRoles, api, optionalClaims }: Manifest) {
  const byId = <T extends { readonly id: string }>(all: readonly T[]) =>
    Object.fromEntries(all.map((each) => [each.id, each]));
  return {
    appRoles: byId(appRoles),
    scopes: byId(api.oauth2PermissionScopes),
    claims: optionalClaims.accessToken,
  };
}
