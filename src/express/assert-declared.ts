import { ConfigurationError } from '../errors/index.js';
import { stopsStart } from './finding.js';
import { type InventoryOptions, takeInventory } from './inventory.js';

/**
 * Stops the start where the `inventory` of an app has something that cannot be meant: a route that has neither `allow` nor
 * `publicRoute`, that opens every record to every user by leaving out the word for it, or that looks for a record by a parameter
 * its path does not have; `authenticate` after an `allow`; an application permission that is limited by `.within(scopes)` on one route
 * and unlimited on another; an app that Express hides and `mounted` does not name. See `Finding` for the whole list, and for
 * what is only reported by `inventory`. Call it after the last route.
 *
 * NOT found: what `inventory` does not see. Handlers that are no routes are refused at run time.
 *
 * ```ts
 * assertDeclared(app, { mounted: [{ path: '/admin', app: adminApp }] });
 * ```
 *
 * @throws ConfigurationError that lists every finding
 */
export function assertDeclared(app: object, options: InventoryOptions = {}): void {
  const findings = takeInventory('assertDeclared', app, options).findings.filter(stopsStart);
  if (findings.length === 0) return;
  throw new ConfigurationError(
    `assertDeclared found ${findings.length}:\n${findings.map(({ message }) => `  ${message}`).join('\n')}`,
  );
}
