import type { Clock } from '../clock.js';
import { AuthorizationCodes } from './authorization-codes.js';
import { DeviceCodes } from './device-codes.js';
import { RefreshTokens } from './refresh-tokens.js';

/** What users agreed to and clients have not fetched yet, or may fetch again. */
export interface Authorizations {
  readonly codes: AuthorizationCodes;
  readonly refreshTokens: RefreshTokens;
  readonly deviceCodes: DeviceCodes;
}

export function createAuthorizations(clock: Clock): Authorizations {
  return {
    codes: new AuthorizationCodes(clock),
    refreshTokens: new RefreshTokens(clock),
    deviceCodes: new DeviceCodes(clock),
  };
}
