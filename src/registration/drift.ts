import { type Change, changesBetween } from './change.js';
import type { Finding } from './finding.js';
import type { Holders } from './holders.js';
import { type HasCatalogue, register } from './manifest.js';
import type { Registration } from './registration.js';

/** How a registration differs from a catalogue. */
export interface Drift {
  /** What would have to change in the registration. */
  readonly changes: readonly Change[];
  /** What is to be known besides. */
  readonly findings: readonly Finding[];
  /** Whether the registration is other than declared: there are changes, or a finding that blocks them. */
  readonly isDrifted: boolean;
}

/**
 * Holds an app registration against the catalogue of an API. Compared are app roles, scopes and the optional claims that this
 * library wants; not the version of access tokens, credentials, redirect URIs, or anything else.
 *
 * @param registration what `readRegistration` or `readFromGraph` gave
 * @param holders who was granted what, of `readHolders`: each change then says whom it touches. One tenant's only, where an
 * API is used in several.
 */
export function drift(permissions: HasCatalogue, registration: Registration, holders?: Holders): Drift {
  const { manifest, findings } = register(permissions, { clientId: registration.appId, existing: registration });
  const changes = changesBetween(manifest, registration, holders);
  const all = [...findings, ...registration.appRoles.flatMap((role) => forBoth(role.value, role.allowedMemberTypes))];
  return { changes, findings: all, isDrifted: changes.length > 0 || all.some(({ blocks }) => blocks) };
}

function forBoth(value: string | null, allowedMemberTypes: readonly string[]): readonly Finding[] {
  const isForBoth = allowedMemberTypes.includes('User') && allowedMemberTypes.includes('Application');
  return value !== null && isForBoth
    ? [
        {
          value,
          blocks: false,
          message: `${value} is one app role for users and for clients, so that its name does not say who is meant. To split it: declare the user role under a name of its own (userRole) and let the routes ask for that; apply; assign the new role to the users of the old one and take the old one from them; then apply --remove ${value}, which leaves of it what the catalogue declares.`,
        },
      ]
    : [];
}
