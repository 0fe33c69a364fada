import { type Catalogue, type CheckedCatalogue, checkCatalogue, type NameOf } from './catalogue.js';
import { type Application, type Delegated, declareGrant } from './grant.js';

/** The permissions of one API. */
export interface Permissions<C extends Catalogue = Catalogue> {
  readonly catalogue: C;
  /** A grant for users, through a client with this scope. */
  delegated<const N extends NameOf<C, 'delegated'>>(this: void, name: N): Delegated<C, N>;
  /** A grant for clients as themselves, with this app role. */
  application<const N extends NameOf<C, 'application'>>(this: void, name: N): Application<C, N>;
}

/**
 * Declares every permission of an API, in one place. Names become literal types; kinds are kept apart; a name that ends in
 * `OwnedBy` or `Selected` is no grant before its rule is given.
 *
 * ```ts
 * export const { delegated, application } = definePermissions({
 *   'Mail.Read': { application: { displayName: 'Read all mail', description: 'Lets the app read every mailbox.' } },
 * });
 * ```
 *
 * @throws ConfigurationError where the catalogue is empty, a name or an id cannot be registered, a text is missing, or one
 * app role would be for applications and for users
 */
export function definePermissions<const C extends Catalogue>(catalogue: C & CheckedCatalogue<C>): Permissions<C> {
  const checked = checkCatalogue<C>(catalogue);
  return Object.freeze({
    catalogue: checked,
    delegated: (name: string) => declareGrant('delegated', name, checked),
    application: (name: string) => declareGrant('application', name, checked),
  }) as unknown as Permissions<C>;
}
