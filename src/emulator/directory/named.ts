import { DirectoryError } from './directory-error.js';

/** The one candidate that a name fits; throws where there is none, or more than one. */
export function named<T>(kind: string, name: string, candidates: readonly T[], fits: (candidate: T) => boolean): T {
  const [found, another] = candidates.filter(fits);
  if (found === undefined) {
    throw new DirectoryError('Request_ResourceNotFound', `no ${kind} is called ${JSON.stringify(name)}`);
  }
  if (another !== undefined) {
    throw new DirectoryError(
      'Request_BadRequest',
      `more than one ${kind} is called ${JSON.stringify(name)}: use the object id`,
    );
  }
  return found;
}
