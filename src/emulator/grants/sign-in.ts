import type { RedirectUris } from '../directory/application.js';
import type { Version } from '../documents.js';

/** What kind of client a redirect URI says it is: `web` proves itself, `spa` runs in a browser, `publicClient` cannot keep a secret. */
export type Platform = keyof RedirectUris;

/** That a user signed in through a client and agreed: what a code and a refresh token stand for. */
export interface SignIn {
  readonly tenantId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly platform: Platform;
  /** Of the endpoint. */
  readonly version: Version;
  /** What was asked for, as v2.0 writes it. */
  readonly scope: string;
}
