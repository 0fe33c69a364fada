import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Caller, identifyCaller } from '../caller/index.js';
import { Refusal } from '../errors/index.js';
import { disregard } from '../permissions/index.js';
import { type Authority, type TokenClaims, type TokenVerifier, tokenVerifier } from '../token/index.js';
import type { Authenticate, AuthenticateOptions } from './authenticate.js';
import { publishNotice } from './events.js';
import { ReportOnly } from './report-only.js';
import { type Api, beginState, type RequestState } from './request-state.js';
import { guardResponse } from './response-guard.js';
import { appOf } from './routes.js';
import { UndeclaredRoutes } from './undeclared.js';

/** What `authenticate` and the passport strategies have in common. */
export interface Authentication {
  readonly api: Api;
  readonly verifier: TokenVerifier<Caller>;
  /** Takes a request under guard, as an anonymous one. What was found of it earlier is forgotten. */
  begin(req: IncomingMessage, res: ServerResponse): RequestState;
  /** @throws Refusal where `deny` shuts the caller out */
  notDenied(caller: Caller): Caller;
  /** What an operator needs. */
  readonly operations: Pick<Authenticate, 'ready' | 'report' | 'health' | 'keys'>;
}

/** @param options as `checkOptions` has passed them */
export function authentication(options: AuthenticateOptions): Authentication {
  const { applicationsMustProve, deny } = options;
  const verifier = tokenVerifier(options, toCaller);
  const undeclared = new UndeclaredRoutes();
  const api: Api = {
    clientId: options.clientId.toLowerCase(),
    catalogue: options.permissions.catalogue,
    severalTenants: verifier.severalTenants,
    undeclared: options.undeclared ?? 'refuse',
    reportOnly: options.reportOnly === undefined ? undefined : new ReportOnly(options.reportOnly),
    objectIdsInEvents: options.objectIdsInEvents ?? false,
    notices: new Set(),
    onUndeclared: (app) => undeclared.forget(app),
  };
  if (api.reportOnly !== undefined) reportOpenness(api, api.reportOnly);

  function toCaller(claims: TokenClaims, { accounts }: Authority): Caller {
    const caller = identifyCaller(claims, accounts, { ...(applicationsMustProve && { applicationsMustProve }) });
    if (caller.kind === 'application' && caller.kindFrom === 'inferred') reportInference(api, caller.clientId);
    return caller;
  }

  return {
    api,
    verifier,
    begin(req, res) {
      undeclared.watch(appOf(req));
      return beginState(req, res, api, guardResponse);
    },
    notDenied(caller) {
      if (deny === undefined) return caller;
      const answer: unknown = deny(caller);
      disregard(answer);
      if (answer !== false) throw new Refusal('denied');
      return caller;
    },
    operations: {
      ready: () => verifier.keys.refresh(),
      report: () => api.reportOnly?.report(),
      health: () => verifier.keys.health(),
      keys: {
        distrust: (kid: string) => verifier.keys.distrust(kid),
        refresh: (how?: { replace?: boolean }) => verifier.keys.refresh(how),
      },
    },
  };
}

function reportOpenness(api: Api, { until }: ReportOnly): void {
  publishNotice(api, {
    code: 'report_only',
    message: `Nothing is refused until the end of ${until} (reportOnly): what would be is reported, and let through.`,
  });
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
