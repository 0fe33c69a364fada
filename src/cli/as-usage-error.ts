import { ConfigurationError } from '../errors/index.js';
import { UsageError } from './verb.js';

/** What the library calls a mistake in declarations is, on the command line, one in what was typed or written. */
export function asUsageError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ConfigurationError ? new UsageError(error.message) : error;
  }
}
