import { ConfigurationError } from '../errors/index.js';
import type { Catalogue, PermissionKind } from '../permissions/index.js';

/** For those who write JavaScript: a token with a misspelt permission would test a refusal that no one meant. */
export function checkNames(
  where: string,
  kind: PermissionKind,
  given: string | readonly string[],
  catalogue: Catalogue,
): readonly string[] {
  const legal = Object.keys(catalogue).filter((name) => catalogue[name]?.[kind] !== undefined);
  const names = Array.isArray(given) ? given : [given];
  for (const name of names) {
    if (!legal.includes(name)) {
      throw new ConfigurationError(
        `${where}: '${String(name)}' is not declared as ${kind}. Names of this kind: ${legal.join(', ') || 'none'}.`,
      );
    }
  }
  return names;
}
