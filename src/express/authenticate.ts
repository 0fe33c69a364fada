import type { IncomingMessage } from 'node:http';
import { type Caller, type CallerOptions, identifyCaller } from '../caller/index.js';
import { ConfigurationError, Refusal } from '../errors/index.js';
import { type Catalogue, disregard } from '../permissions/index.js';
import {
  type Authority,
  type KeyHealth,
  readCredential,
  type TokenClaims,
  type TokenOptions,
  tokenVerifier,
} from '../token/index.js';
import { publishNotice } from './events.js';
import { type Middleware, settle } from './middleware.js';
import { refuse } from './refuse.js';
import { type Api, findState, keepState } from './request-state.js';
import { guardResponse } from './response-guard.js';
import { UndeclaredRoutes } from './undeclared.js';

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
  'objectIdsInEvents',
];

/**
 * Finds out who is calling, from the access token in `Authorization: Bearer`. It never lets anything in by itself: that is for
 * `allow` and `publicRoute` on the routes after it.
 *
 * A good token gives a caller. A bad one is 401, a malformed credential 400 (RFC 6750), keys that cannot be had 503. With no
 * bearer credential the request goes on as anonymous. A second `authenticate` on the way replaces what the first one found.
 * See `TokenVerifier` for what is checked of a token and what is not; a token that was revoked, or whose roles were taken away
 * since it was issued, is good until it expires.
 *
 * State, for each call: the authority's keys, what came of the tokens that passed (`cache`), the routes that have been looked at,
 * and at most 1,000 notices.
 *
 * ```ts
 * app.use(authenticate({ tenant: TENANT_ID, clientId: CLIENT_ID, permissions }));
 * ```
 *
 * @throws ConfigurationError where an option is missing, unknown, contradictory or not to be trusted
 */
export function authenticate(options: AuthenticateOptions): Authenticate {
  checkOptions(options);
  const { applicationsMustProve, deny } = options;
  const verifier = tokenVerifier(options, toCaller);
  const undeclared = new UndeclaredRoutes();
  const api: Api = {
    clientId: options.clientId.toLowerCase(),
    catalogue: options.permissions.catalogue,
    severalTenants: verifier.severalTenants,
    undeclared: options.undeclared ?? 'refuse',
    objectIdsInEvents: options.objectIdsInEvents ?? false,
    notices: new Set(),
  };

  function toCaller(claims: TokenClaims, { accounts }: Authority): Caller {
    const caller = identifyCaller(claims, accounts, { ...(applicationsMustProve && { applicationsMustProve }) });
    if (caller.kind === 'application' && caller.kindFrom === 'inferred') reportInference(api, caller.clientId);
    return caller;
  }

  function findCaller(req: IncomingMessage): Caller | undefined | Promise<Caller | undefined> {
    const token = readCredential(req);
    if (token === undefined) return undefined;
    const caller = verifier.verify(token);
    return caller instanceof Promise ? caller.then(notDenied) : notDenied(caller);
  }

  function notDenied(caller: Caller): Caller {
    if (deny === undefined) return caller;
    const answer: unknown = deny(caller);
    disregard(answer);
    if (answer !== false) throw new Refusal('denied');
    return caller;
  }

  const middleware: Middleware = function authenticate(req, res, next) {
    const { app } = req as IncomingMessage & { app?: object };
    undeclared.watch(app);
    const answer = findState(req)?.answer ?? guardResponse(res, app, () => undeclared.forget(app));
    const state = keepState(req, api, answer);
    settle(
      () => findCaller(req),
      (caller) => {
        state.caller = caller;
        next();
      },
      (error) => refuse(req, res, next, error),
    );
  };
  return Object.assign(middleware, {
    ready: () => verifier.keys.refresh(),
    health: () => verifier.keys.health(),
    keys: {
      distrust: (kid: string) => verifier.keys.distrust(kid),
      refresh: (how?: { replace?: boolean }) => verifier.keys.refresh(how),
    },
  });
}

/** For those who write JavaScript: what the types say. */
function checkOptions(options: AuthenticateOptions): void {
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

function reportInference(api: Api, clientId: string): void {
  publishNotice(api, {
    code: 'inferred_application',
    clientId,
    message:
      `The tokens of client ${clientId} do not say that an application is calling; it was inferred. ` +
      'In the app registration of this API add the optional claim idtyp to its access tokens: ' +
      '"optionalClaims": { "accessToken": [{ "name": "idtyp", "additionalProperties": ["include_user_token"] }] }.',
  });
}
