const statuses = {
  Request_BadRequest: 400,
  DuplicateValue: 400,
  CannotDeleteOrUpdateEnabledEntitlement: 400,
  Request_ResourceNotFound: 404,
  Request_MultipleObjectsWithSameKeyValue: 409,
} as const;

/** The codes that Microsoft Graph answers with when the directory refuses. */
export type DirectoryErrorCode = keyof typeof statuses;

/** A rule of the directory that something would break: Microsoft Graph's code and status, and the property at fault. */
export class DirectoryError extends Error {
  override readonly name = 'DirectoryError';
  readonly code: DirectoryErrorCode;
  readonly status: 400 | 404 | 409;
  /** A path inside what was given, such as `appRoles[1].value`. */
  readonly field: string | undefined;

  constructor(code: DirectoryErrorCode, message: string, field?: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
    this.field = field;
  }
}
