import { ConfigurationError } from '../errors/index.js';
import { isGuid } from '../token/index.js';

/** For those who write JavaScript: a misspelt option would be a test of something else. */
export function checkMembers(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ConfigurationError(`${where}: '${name}' is not an option. The options are ${known.join(', ')}.`);
    }
  }
}

/** @throws ConfigurationError where it is no GUID; lower case where it is */
export function guidOption(where: string, value: unknown): string {
  if (!isGuid(value)) throw new ConfigurationError(`${where} must be a GUID.`);
  return value.toLowerCase();
}
