import { missingParameter, unknownTenant } from '../aadsts.js';
import type { Version } from '../documents.js';
import type { LocalEntra } from '../local-entra.js';

/** A request at a token endpoint. */
export interface TokenRequest {
  readonly entra: LocalEntra;
  /** The tenant as the path names it, in lower case. */
  readonly tenantName: string;
  /** Undefined at `common` and `organizations`, where the user decides. */
  readonly tenantId: string | undefined;
  /** Of the endpoint: `scope` at v2.0, `resource` at v1.0. The version of the token is up to the resource. */
  readonly version: Version;
  /** No parameter is there twice. */
  readonly form: URLSearchParams;
  readonly authorization: string | undefined;
  /** Where the page is that asks; undefined where no browser asks. */
  readonly pageOrigin: string | undefined;
}

/** The body of a good answer. A client's own token comes without `scope`: with one, msal-node files it under a key that it never looks up. */
export interface TokenAnswer {
  readonly token_type: 'Bearer';
  /** v1.0 writes numbers as strings. */
  readonly expires_in: number | string;
  readonly ext_expires_in: number | string;
  readonly access_token: string;
  readonly [field: string]: unknown;
}

/** What answers one value of `grant_type`, or throws the `AadstsError` that Entra would answer with. */
export type GrantType = (request: TokenRequest) => TokenAnswer;

export function requiredParameter({ form }: Pick<TokenRequest, 'form'>, name: string): string {
  const value = form.get(name);
  if (!value) {
    throw missingParameter(name);
  }
  return value;
}

/** For grant types that know no user who could decide. */
export function requiredTenant({ tenantId, tenantName }: TokenRequest): string {
  if (tenantId === undefined) {
    throw unknownTenant(tenantName, 'invalid_request');
  }
  return tenantId;
}
