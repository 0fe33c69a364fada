import type { IncomingMessage } from 'node:http';
import type { Caller, CallerOptions } from '../caller/index.js';
import { ConfigurationError } from '../errors/index.js';
import type { Catalogue } from '../permissions/index.js';
import { credentialReader, type KeyHealth, type TokenOptions } from '../token/index.js';
import { authentication } from './authentication.js';
import { type Middleware, settle } from './middleware.js';
import { refuse } from './refuse.js';
import type { ReportOnlyOptions, WouldBeRefusals } from './report-only.js';
import { markAuthenticate } from './step.js';

/** Options of `authenticate`. */
export type AuthenticateOptions = TokenOptions &
  CallerOptions & {
    /** What `definePermissions` gave: grants of another catalogue are an error, not a pass. */
    readonly permissions: { readonly catalogue: Catalogue };
    /**
     * What happens to a route behind `authenticate` that has neither `allow` nor `publicRoute`. `'refuse'`: 500 before its handler
     * runs. `'report'`: it is let through, and a notice is published; for adopting the library route by route. `'refuse'` by default.
     */
    readonly undeclared?: 'refuse' | 'report';
    /**
     * For adopting the library on an API that is in use: until the end of that day (UTC) nothing is refused, neither by
     * `authenticate` (`deny` included) nor by the routes. What would have been is published as a refusal that is not `enforced`,
     * and counted: see `report`. A request with a bad token goes on as anonymous. Only handlers that ask for what was not proven
     * (`callerOf`, `decisionOf`, and `of`, `reach` and `load` of a record) get the refusal as an error. On a day after it the app
     * does not start; one that is running then goes on, and publishes a notice. Without it, refusals are enforced.
     */
    readonly reportOnly?: ReportOnlyOptions;
    /**
     * The one header in which a gateway passes the access token, with or without `Bearer` before it, such as
     * `'X-Forwarded-Access-Token'`. `Authorization` is then not read. The token is verified as ever; that the header comes from
     * the gateway is not checked: the gateway must overwrite or remove what a client sends in it. `Authorization` by default.
     */
    readonly tokenHeader?: string;
    /**
     * Whether a caller is shut out although its token is good: the switch for a client or principal whose tokens live on, an hour
     * or, for a managed identity, a day. Asked for every request; anything but `false` refuses.
     */
    readonly deny?: (caller: Caller) => boolean;
    /** Whether events carry the object id of users and service principals. False by default: it is personal data. */
    readonly objectIdsInEvents?: boolean;
  };

/** The middleware, and what an operator needs of it. */
export interface Authenticate extends Middleware {
  /**
   * Fetches the keys before the first request. Rejects where some cannot be had; they are then tried again in the background, and
   * until they come requests with a token are 503.
   */
  ready(): Promise<void>;
  /** What `reportOnly` has let through since the process started, in this process; undefined where refusals are enforced. */
  report(): WouldBeRefusals | undefined;
  /** For a readiness probe: `ok` while any usable key is held. Liveness should not ask it. Makes no request. */
  health(): KeyHealth;
  readonly keys: {
    /** Trusts a key no more, whatever the authority publishes: for the day it is stolen. Remembered tokens go with it. */
    distrust(kid: string): void;
    /** Fetches the keys now. `replace` forgets at once every key that is no longer published. */
    refresh(how?: { readonly replace?: boolean }): Promise<void>;
  };
}

const optionNames: readonly (keyof AuthenticateOptions)[] = [
  'tenant',
  'tenants',
  'personalAccounts',
  'audience',
  'cloud',
  'authority',
  'testAuthority',
  'fetch',
  'clientId',
  'clockTolerance',
  'staleKeys',
  'ownSigningKeys',
  'cache',
  'deny',
  'applicationsMustProve',
  'permissions',
  'undeclared',
  'reportOnly',
  'tokenHeader',
  'objectIdsInEvents',
];

/**
 * Finds out who is calling, from the access token in `Authorization: Bearer`. It never lets anything in by itself: that is for
 * `allow` and `publicRoute` on the routes after it. Headers in which a gateway names a user are never read.
 *
 * A good token gives a caller. A bad one is 401, a malformed credential 400 (RFC 6750), keys that cannot be had 503. With no
 * bearer credential the request goes on as anonymous. A second `authenticate` on the way replaces what the first one found.
 * See `TokenVerifier` for what is checked of a token and what is not; a token that was revoked, or whose roles were taken away
 * since it was issued, is good until it expires.
 *
 * State, for each call: the authority's keys, what came of the tokens that passed (`cache`), the routes that have been looked at,
 * at most 1,000 notices, and with `reportOnly` at most 1,000 counters.
 *
 * ```ts
 * app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions }));
 * ```
 *
 * @throws ConfigurationError where an option is missing, unknown, contradictory or not to be trusted
 */
export function authenticate(options: AuthenticateOptions): Authenticate {
  checkOptions(options);
  const readToken = credentialReader(options.tokenHeader);
  const { verifier, begin, notDenied, operations } = authentication(options);

  function findCaller(req: IncomingMessage): Caller | undefined | Promise<Caller | undefined> {
    const token = readToken(req);
    if (token === undefined) return undefined;
    const caller = verifier.verify(token);
    return caller instanceof Promise ? caller.then(notDenied) : notDenied(caller);
  }

  const middleware: Middleware = function authenticate(req, res, next) {
    const state = begin(req, res);
    settle(
      () => findCaller(req),
      (caller) => {
        state.caller = caller;
        next();
      },
      (error) => refuse(req, res, next, error),
    );
  };
  return Object.assign(markAuthenticate(middleware), operations);
}

/** For those who write JavaScript: what the types say. */
export function checkOptions(options: AuthenticateOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError('authenticate({ tenant, clientId, permissions }): the options are missing.');
  }
  for (const name of Object.keys(options)) {
    if (!(optionNames as readonly string[]).includes(name)) {
      throw new ConfigurationError(
        `authenticate: '${name}' is not an option. The options are ${optionNames.join(', ')}.`,
      );
    }
  }
  const { permissions, undeclared, applicationsMustProve, objectIdsInEvents, deny } = options;
  if (typeof permissions?.catalogue !== 'object') {
    throw new ConfigurationError(
      'authenticate: permissions is missing. Give it what definePermissions({ … }) returned.',
    );
  }
  if (undeclared !== undefined && undeclared !== 'refuse' && undeclared !== 'report') {
    throw new ConfigurationError("authenticate: undeclared must be 'refuse' or 'report'.");
  }
  if (deny !== undefined && typeof deny !== 'function') {
    throw new ConfigurationError('authenticate: deny must be a function, (caller) => boolean.');
  }
  if (applicationsMustProve !== undefined && applicationsMustProve !== 'idtyp') {
    throw new ConfigurationError("authenticate: applicationsMustProve must be 'idtyp', or be left out.");
  }
  if (objectIdsInEvents !== undefined && typeof objectIdsInEvents !== 'boolean') {
    throw new ConfigurationError('authenticate: objectIdsInEvents must be true or false.');
  }
}
