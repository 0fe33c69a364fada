export { type AdoptOptions, adopt } from './adopt.js';
export { BearerStrategy } from './bearer-strategy.js';
export type { IBearerStrategyOption, IBearerStrategyOptionWithRequest } from './strategy-options.js';
export type { ITokenPayload } from './token-payload.js';
export { type TrustClaimsOptions, trustClaims } from './trust-claims.js';
export type { VerifyBearerFunction, VerifyBearerFunctionWithReq, VerifyCallback } from './verify-function.js';
