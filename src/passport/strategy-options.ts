import type { AuthenticateOptions } from '../express/index.js';

/** Options that passport-azure-ad does not have, and `authenticate` has: they mean here what they mean there. */
type AddedOptions = Partial<
  Pick<
    AuthenticateOptions,
    | 'permissions'
    | 'undeclared'
    | 'deny'
    | 'reportOnly'
    | 'applicationsMustProve'
    | 'objectIdsInEvents'
    | 'tokenHeader'
    | 'tenants'
    | 'personalAccounts'
    | 'authority'
    | 'testAuthority'
    | 'fetch'
    | 'staleKeys'
    | 'cache'
  >
>;

/**
 * Options of `BearerStrategy`: those of passport-azure-ad 4.3.5, by the same names, and some of `authenticate`. Where one of
 * the old options would make the API accept what it should not, the constructor throws and says what to write instead.
 */
export interface IBearerStrategyOption extends AddedOptions {
  /** The address of the metadata: the cloud, and the tenant by its GUID. With `common` or `organizations`, `issuer` or `tenants` must say who may call. It is https; v1.0 and v2.0 are the same here. */
  identityMetadata: string;
  /** The API's own application (client) ID. */
  clientID: string;
  /** App ID URIs for v1.0 tokens. The client id and `api://<client id>` are always accepted; `spn:<client id>` only if it is named here. */
  audience?: string | string[] | readonly { uri: string; tenants: readonly string[] }[] | undefined;
  /** Issuers: `https://sts.windows.net/<GUID>/` for v1.0 tokens, `https://login.microsoftonline.com/<GUID>/v2.0` for v2.0. Those and no others are then accepted; without it, both of the tenant. */
  issuer?: string | string[] | undefined;
  /** A user's token must have any one of these scopes, or it is refused with 403. Applications are not held to it. Better said on the routes, with `allow`. */
  scope?: string[] | undefined;
  /** Seconds by which clocks may differ, 0 to 300. 300 by default, and 0 is 0. */
  clockSkew?: number | undefined;
  /** A POST may bring its token as `access_token` in a form (RFC 6750 section 2.2), which a body parser has read before. False by default; JSON bodies are never read. */
  accessTokenInForm?: boolean | undefined;
  /** Has no effect: nothing is logged. Refusals are published on `channels.refusal`. */
  loggingLevel?: 'info' | 'warn' | 'error' | undefined;
  /** Has no effect: nothing is logged. */
  loggingNoPII?: boolean | undefined;
  /** @deprecated `false` throws: say which tenants may call, with `tenants`. */
  validateIssuer?: boolean | undefined;
  /** @deprecated `true` throws: Entra writes one audience. */
  allowMultiAudiencesInToken?: boolean | undefined;
  /** @deprecated Throws: give a `fetch` that goes through the proxy. */
  proxy?: { port: string; host: string; protocol: 'http' | 'https' };
  /** @deprecated `true` throws. */
  isB2C?: boolean | undefined;
  /** @deprecated Throws. */
  policyName?: string | undefined;
}

export interface IBearerStrategyOptionWithRequest extends IBearerStrategyOption {
  /** `verify` is given the request before the token. */
  passReqToCallback: boolean;
}

/** As JavaScript may give them. `ignoreExpiration` was never documented. */
export type StrategyOptions = {
  [K in keyof IBearerStrategyOptionWithRequest]?: IBearerStrategyOptionWithRequest[K] | undefined;
} & { ignoreExpiration?: boolean | undefined };

export const optionNames: readonly (keyof StrategyOptions)[] = [
  'identityMetadata',
  'clientID',
  'audience',
  'issuer',
  'scope',
  'clockSkew',
  'accessTokenInForm',
  'loggingLevel',
  'loggingNoPII',
  'validateIssuer',
  'allowMultiAudiencesInToken',
  'proxy',
  'isB2C',
  'policyName',
  'passReqToCallback',
  'ignoreExpiration',
  'permissions',
  'undeclared',
  'deny',
  'reportOnly',
  'applicationsMustProve',
  'objectIdsInEvents',
  'tokenHeader',
  'tenants',
  'personalAccounts',
  'authority',
  'testAuthority',
  'fetch',
  'staleKeys',
  'cache',
];
