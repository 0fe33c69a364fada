import { ConfigurationError } from '../errors/index.js';

/** @throws ConfigurationError where a path is not a text that begins with `/` */
export function checkPath(decorator: string, path: unknown): void {
  if (typeof path === 'string' && path.startsWith('/')) return;
  throw new ConfigurationError(
    `${decorator}: the path is a text that begins with '/', as in ${decorator}('/mailboxes').`,
  );
}
