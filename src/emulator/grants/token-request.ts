import { missingParameter } from '../aadsts.js';
import type { Version } from '../documents.js';
import type { LocalEntra } from '../local-entra.js';

/** A request at a token endpoint. */
export interface TokenRequest {
  readonly entra: LocalEntra;
  readonly tenantId: string;
  /** Of the endpoint: `scope` at v2.0, `resource` at v1.0. The version of the token is up to the resource. */
  readonly version: Version;
  /** No parameter is there twice. */
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
}

/** The body of a good answer. A client's own token comes without `scope`: with one, msal-node files it under a key that it never looks up. */
export interface TokenAnswer {
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
  readonly [field: string]: unknown;
}

/** What answers one value of `grant_type`, or throws the `AadstsError` that Entra would answer with. */
export type GrantType = (request: TokenRequest) => TokenAnswer | Promise<TokenAnswer>;

export function requiredParameter({ form }: Pick<TokenRequest, 'form'>, name: string): string {
  const value = form.get(name);
  if (!value) {
    throw missingParameter(name);
  }
  return value;
}
