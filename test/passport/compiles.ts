// What compiled with passport-azure-ad and its types compiles when the import is changed, and only that.
import { PassportStrategy } from '@nestjs/passport';
import {
  BearerStrategy,
  type IBearerStrategyOption,
  type IBearerStrategyOptionWithRequest,
  type ITokenPayload,
  type VerifyBearerFunction,
  type VerifyBearerFunctionWithReq,
  type VerifyCallback,
} from 'express-app-roles/passport';
import passport from 'passport';
import type azureAd from 'passport-azure-ad';

const options: IBearerStrategyOption = {
  identityMetadata:
    'https://login.microsoftonline.com/c0170500-0000-4000-8000-000000000001/v2.0/.well-known/openid-configuration',
  clientID: 'a0000000-0000-4000-8000-0000000000a1',
  validateIssuer: true,
  issuer: ['https://sts.windows.net/c0170500-0000-4000-8000-000000000001/'],
  audience: ['api://orders'],
  scope: ['Mail.Read'],
  clockSkew: 60,
  loggingLevel: 'info',
  loggingNoPII: true,
  allowMultiAudiencesInToken: false,
  isB2C: false,
};
const withRequest: IBearerStrategyOptionWithRequest = { ...options, passReqToCallback: true };

const verify: VerifyBearerFunction = (token: ITokenPayload, done: VerifyCallback) => done(null, {}, token);
const verifyWithRequest: VerifyBearerFunctionWithReq = (req, token, done) => done(null, req.params, token);
passport.use(new BearerStrategy(options, verify));
passport.use('other', new BearerStrategy(withRequest, verifyWithRequest));
passport.use(new BearerStrategy(options, (token, done) => done(null, token.oid?.toLowerCase(), token)));
passport.use(
  new BearerStrategy({ ...options, passReqToCallback: true }, (req, token, done) => done(null, req.path, token)),
);

declare const theirs: azureAd.VerifyBearerFunction;
declare const theirsWithRequest: azureAd.VerifyBearerFunctionWithReq;
declare const theirPayload: azureAd.ITokenPayload;
new BearerStrategy(options, theirs);
new BearerStrategy(withRequest, theirsWithRequest);
export const payload: ITokenPayload = theirPayload;

export class EntraStrategy extends PassportStrategy(BearerStrategy, 'entra') {
  constructor() {
    super(options);
  }

  validate(token: ITokenPayload) {
    return token.roles?.includes('Mail.Read') ?? false;
  }
}
