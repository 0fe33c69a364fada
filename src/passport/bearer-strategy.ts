import type { IncomingMessage } from 'node:http';
import type { Caller } from '../caller/index.js';
import { ConfigurationError, Refusal } from '../errors/index.js';
import { type Authenticate, publishNotice, settle } from '../express/index.js';
import { type Actions, askVerify, beginAttempt, giveUp, tell } from './attempt.js';
import { checkHoldsPermission } from './check-holds-permission.js';
import { checkOptions } from './check-options.js';
import { readOptions } from './read-options.js';
import { tokenReader } from './read-token.js';
import { sharedAuthentication } from './shared-authentication.js';
import type { IBearerStrategyOption, IBearerStrategyOptionWithRequest } from './strategy-options.js';
import type { VerifyBearerFunction, VerifyBearerFunctionWithReq, VerifyCallback } from './verify-function.js';

type Try = (actions: Actions, req: IncomingMessage, options: object | undefined) => void;

/** Passport runs `authenticate` on an object that inherits from the strategy: what it needs must be found from there. */
const attempt = Symbol('express-app-roles.attempt');

/**
 * `BearerStrategy` of passport-azure-ad 4.3.5 with this library behind it: the same constructor, the same `verify` contract, the
 * same name. What it verifies is on the request for `allow` and `callerOf` once `verify` has accepted.
 *
 * Checked of a token: what `authenticate` checks; and that it carries a scope or an app role at all (401), and one of `scope`
 * where that is given (403). Who may call a route is for `allow`: with `permissions` a route without a declaration is refused,
 * without them it is let through and a notice published. No token is a failure before any key is fetched, so that other
 * strategies have their turn; a bad token is 401 or 400; keys that cannot be had are an error with status 503. What `verify`
 * throws is an error of the request.
 *
 * State: none of its own. Strategies with equal options share their keys and what is remembered of tokens, in this module, for
 * at most 100 different options. The constructor fetches nothing.
 *
 * ```ts
 * passport.use(new BearerStrategy({ ...options, permissions }, (token, done) => done(null, {}, token)));
 * ```
 */
export class BearerStrategy {
  name = 'oauth-bearer';
  /** See `Authenticate`. */
  declare readonly ready: Authenticate['ready'];
  /** See `Authenticate`. */
  declare readonly health: Authenticate['health'];
  /** See `Authenticate`. */
  declare readonly keys: Authenticate['keys'];
  /** See `Authenticate`. */
  declare readonly report: Authenticate['report'];
  private declare readonly [attempt]: Try;

  /** @throws ConfigurationError where an option is missing, unknown, unsafe or contradictory; its message says what to write instead */
  constructor(options: IBearerStrategyOption & { passReqToCallback?: false | undefined }, verify: VerifyBearerFunction);
  constructor(options: IBearerStrategyOptionWithRequest, verify: VerifyBearerFunctionWithReq);
  constructor(given: IBearerStrategyOption & { passReqToCallback?: boolean | undefined }, verify: unknown) {
    if (typeof given !== 'object' || given === null) {
      throw new ConfigurationError(
        'new BearerStrategy({ identityMetadata, clientID }, verify): the options are missing.',
      );
    }
    if (typeof verify !== 'function') {
      throw new ConfigurationError(
        'new BearerStrategy(options, verify): verify must be a function, (token, done) => void.',
      );
    }
    checkOptions(given);
    const { options, issuers } = readOptions(given);
    const readToken = tokenReader(given.tokenHeader, given.accessTokenInForm ?? false);
    const authentication = sharedAuthentication(options);
    const { api, verifier, notDenied, operations } = authentication;
    const scopes = given.scope && [...given.scope];
    const passesRequest = given.passReqToCallback === true;
    if (given.loggingLevel !== undefined || given.loggingNoPII !== undefined) reportLogging(api);

    function check(caller: Caller): Caller {
      const isNamed = ({ tenant, version }: { tenant: string; version: string }) =>
        tenant === caller.tenantId && version === caller.tokenVersion;
      if (issuers?.some(isNamed) === false) throw new Refusal('wrong_issuer');
      checkHoldsPermission(caller);
      if (caller.kind === 'delegated' && scopes?.some((scope) => caller.scopes.includes(scope)) === false) {
        throw new Refusal('missing_scope');
      }
      return notDenied(caller);
    }

    function findCaller(req: IncomingMessage): Caller | undefined | Promise<Caller | undefined> {
      const token = readToken(req);
      if (token === undefined) return undefined;
      const caller = verifier.verify(token);
      return caller instanceof Promise ? caller.then(check) : check(caller);
    }

    const run: Try = (actions, req, { tenantIdOrName }: { tenantIdOrName?: unknown } = {}) => {
      if (tenantIdOrName !== undefined) {
        actions.error(
          new ConfigurationError(
            "passport.authenticate: tenantIdOrName would let a caller choose the tenant. Remove it, and give BearerStrategy tenants: ['<GUID>', …].",
          ),
        );
        return;
      }
      const begun = beginAttempt(actions, req, authentication);
      settle(
        () => findCaller(req),
        (caller) => {
          if (caller === undefined) return tell(begun, (each) => each.fail(`Bearer realm="${api.clientId}"`));
          // A copy: applications write into the token that they are given.
          const token = structuredClone(caller.claims);
          askVerify(begun, caller, (done: VerifyCallback): unknown =>
            passesRequest ? verify(req, token, done) : verify(token, done),
          );
        },
        (error) => giveUp(begun, error),
      );
    };
    Object.defineProperty(this, attempt, { value: run });
    for (const [name, value] of Object.entries(operations)) {
      Object.defineProperty(this, name, { value, writable: true, configurable: true });
    }
  }

  /** For passport. */
  authenticate(req: IncomingMessage, options?: object): void {
    this[attempt](this as unknown as Actions, req, options);
  }
}

function reportLogging(api: Parameters<typeof publishNotice>[0]): void {
  publishNotice(api, {
    code: 'ignored_option',
    message:
      'BearerStrategy: loggingLevel and loggingNoPII have no effect, for nothing is logged. Remove them; refusals are published on channels.refusal.',
  });
}
