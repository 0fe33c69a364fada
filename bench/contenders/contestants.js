/** Those that serve an app, by the name they have in the report. */
export const peers = {
  'fast-jwt, cache of 10,000 (key given)': { contender: 'fast-jwt' },
  'jose 6, createRemoteJWKSet': { contender: 'jose' },
  'aws-jwt-verify': { contender: 'aws-jwt-verify' },
  'express-oauth2-jwt-bearer': { contender: 'express-oauth2-jwt-bearer' },
  'passport-azure-ad': { contender: 'passport-azure-ad' },
  'express-jwt + jwks-rsa': { contender: 'express-jwt' },
};

/** Those that check nothing. */
export const idle = {
  'bare Express': {},
  'two empty middlewares': { contender: 'empty' },
};
