import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import {
  type Authenticate,
  type AuthenticateOptions,
  authentication,
  checkOptions,
  refuse,
  settle,
} from '../express/index.js';
import { type Actions, type Attempt, askVerify, beginAttempt, giveUp } from './attempt.js';
import { checkHoldsPermission } from './check-holds-permission.js';
import { checkNames } from './check-options.js';
import { readOptions } from './read-options.js';
import type { StrategyOptions } from './strategy-options.js';
import type { VerifyCallback } from './verify-function.js';

/** Options of `adopt`: they mean what they mean for `authenticate`. */
export type AdoptOptions = Pick<
  AuthenticateOptions,
  'permissions' | 'undeclared' | 'deny' | 'reportOnly' | 'applicationsMustProve' | 'objectIdsInEvents'
> & {
  /** The tenants that may call, where the strategy's `identityMetadata` is that of every tenant and it has no `issuer`. */
  readonly tenants?: AuthenticateOptions['tenants'];
  readonly personalAccounts?: boolean;
  /** As for `authenticate`, where the strategy under test has its keys from a local Entra. */
  readonly testAuthority?: AuthenticateOptions['testAuthority'];
};

const optionNames: readonly (keyof AdoptOptions)[] = [
  'permissions',
  'undeclared',
  'deny',
  'reportOnly',
  'applicationsMustProve',
  'objectIdsInEvents',
  'tenants',
  'personalAccounts',
  'testAuthority',
];

/** What is used of a BearerStrategy of passport-azure-ad 4.3.5. Both are private, in a package that is archived. */
interface Strategy {
  _options: StrategyOptions;
  _verify: (...args: unknown[]) => unknown;
  authenticate(this: Actions, req: IncomingMessage, options?: object): unknown;
}

const attempts = new WeakMap<IncomingMessage, Attempt>();
const adopted = new WeakSet<object>();

/**
 * Lets routes use `allow` and `callerOf` behind a `BearerStrategy` of passport-azure-ad 4.3.5 that stays as it is. The strategy
 * verifies; what it has verified is bound to the request there and then, and not read from `req.user` or `req.authInfo`, which
 * sessions and other strategies fill as well.
 *
 * Checked again of the claims, before `verify` is asked: everything that `authenticate` checks but the signature, the key and
 * the token's header (ID tokens, `tid` against the issuer, `ver`, the types of claims, lifetime, who is calling), and that an
 * application has a role at all. What `verify` throws no longer ends the process, and only its first answer counts.
 *
 * NOT cured: whatever the strategy does before its callback. It fetches keys as it did (an outage can hang or end the process,
 * or be a 401), takes the algorithms from the metadata, and logs. That is what `BearerStrategy` of this module is for.
 *
 * State: as `authenticate` has it, without keys.
 *
 * ```ts
 * passport.use(adopt(new BearerStrategy(options, verify), { permissions }));
 * ```
 *
 * @param strategy changed in place, so that in NestJS `adopt(this, { permissions })` after `super(…)` is enough
 * @returns the strategy, with the `report` of `authenticate`
 * @throws ConfigurationError where it is not a BearerStrategy of that version, or its options do not say who may call
 */
export function adopt<S extends object>(strategy: S, options: AdoptOptions): S & Pick<Authenticate, 'report'> {
  checkNames(Object(options), optionNames, 'adopt');
  if (options?.permissions === undefined) {
    throw new ConfigurationError('adopt: permissions is missing. Give it what definePermissions({ … }) returned.');
  }
  const inner = strategy as unknown as Strategy;
  if (typeof inner?._verify !== 'function' || typeof inner._options !== 'object' || inner._options === null) {
    throw new ConfigurationError('adopt takes a BearerStrategy of passport-azure-ad 4.3.5, and this is none.');
  }
  if (adopted.has(strategy)) throw new ConfigurationError('adopt: this strategy has been adopted already.');
  const { _verify: verify, authenticate } = inner;
  const passesRequest = inner._options.passReqToCallback === true;
  const { identityMetadata, clientID, audience, issuer, clockSkew, isB2C } = inner._options;
  const given = withoutUnset({ identityMetadata, clientID, audience, issuer, clockSkew, isB2C });
  const own = readOptions({ ...given, ...options });
  checkOptions(own.options);
  const setUp = authentication(own.options);
  const { api, verifier, notDenied, operations } = setUp;

  function check(caller: Caller): Caller {
    checkHoldsPermission(caller);
    return notDenied(caller);
  }

  inner._options.passReqToCallback = true;
  inner._verify = function adoptedVerify(this: unknown, req: unknown, token: unknown) {
    const attempt = attempts.get(req as IncomingMessage);
    if (attempt === undefined) throw new ConfigurationError('adopt: the strategy was run without its authenticate.');
    const ask = (caller: Caller | undefined) =>
      askVerify(attempt, caller, (done: VerifyCallback) =>
        passesRequest ? verify.call(this, req, token, done) : verify.call(this, token, done),
      );
    settle(
      async () => check(await verifier.trust(token as object)),
      ask,
      (error) => {
        if (api.reportOnly === undefined) giveUp(attempt, error);
        else refuse(attempt.req, attempt.res, () => ask(undefined), error);
      },
    );
  };
  inner.authenticate = function adoptedAuthenticate(this: Actions, req, how) {
    attempts.set(req, beginAttempt(this, req, setUp));
    return authenticate.call(this, req, how);
  };
  adopted.add(strategy);
  return Object.defineProperty(strategy as S & Pick<Authenticate, 'report'>, 'report', { value: operations.report });
}

function withoutUnset(options: { [K in keyof StrategyOptions]: unknown }): StrategyOptions {
  const set = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(set) as StrategyOptions;
}
