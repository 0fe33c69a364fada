import { isGuid } from '../token/index.js';
import { UsageError } from './verb.js';

/** The value of an option that is a client id or tenant id. */
export function readGuid(option: string, value: string | true | undefined): string {
  if (value === undefined) {
    throw new UsageError(`${option} is missing: ${option} <GUID>.`);
  }
  if (!isGuid(value)) {
    throw new UsageError(`${option} ${value}: must be a GUID.`);
  }
  return value.toLowerCase();
}
