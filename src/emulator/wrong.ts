import { ConfigurationError } from '../errors/index.js';
import { DirectoryError } from './directory/directory-error.js';

/** A mistake in a description, or in what was asked by names: the field, and what it should be. */
export function wrong(field: string, sentence: string): ConfigurationError {
  return new ConfigurationError(`${field}: ${sentence}.`);
}

/** Runs what reads a field; what the directory refuses becomes a mistake in that field. */
export function at<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DirectoryError) {
      throw wrong(error.field === undefined ? field : `${field}.${error.field}`, error.message);
    }
    throw error;
  }
}
