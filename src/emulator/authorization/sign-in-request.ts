import type { Application } from '../directory/application.js';

/** What a user is asked to sign in to. */
export interface SignInRequest {
  readonly application: Application;
  /** The tenant as the path names it. */
  readonly tenantName: string;
  /** Undefined at `common` and `organizations`: whoever signs in decides. */
  readonly tenantId: string | undefined;
  readonly scope: string;
  readonly loginHint: string | undefined;
  readonly prompt: string | undefined;
}
