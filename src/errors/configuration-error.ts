/**
 * A mistake in the application's own declarations. Thrown at start wherever it can be seen there; during a request it is
 * a 500, so that a caller is never blamed for it. The message is for the developer and contains the fix.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly status = 500;
  readonly statusCode = 500;
  /** As of http-errors: frameworks that read it keep the message from the client. */
  readonly expose = false;
}
