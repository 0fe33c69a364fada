import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { AadstsError, unknownResource } from '../aadsts.js';
import type { ServicePrincipal } from '../directory/service-principal.js';
import type { Endpoint } from '../endpoints.js';
import type { LocalEntra } from '../local-entra.js';
import { issueApplicationToken } from '../tokens/issue-application-token.js';
import { queryOf } from './read-form.js';

/** The ways in which code that runs in Azure asks for its own token. */
export const managedIdentity: Endpoint = (app, entra) => {
  const answering = (source: Source) => (req: Request, res: Response) => answer(entra, source, req, res);
  for (const machine of ['', '/managed-identity/:machine']) {
    app.get(`${machine}/msi/token`, answering(appService));
    app.get(`${machine}/metadata/identity/oauth2/token`, answering(instanceMetadata));
  }
};

/** What differs between App Service and a virtual machine's metadata service. */
interface Source {
  /** What is missing, where the request does not come from the machine itself. */
  denied(entra: LocalEntra, req: Request): string | undefined;
  body(token: IdentityToken): object;
  refusal(error: string, message: string): object;
}

interface IdentityToken {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly now: number;
  readonly resource: string;
  readonly clientId: string;
}

const appService: Source = {
  denied: ({ identityHeader }, req) =>
    req.headers['x-identity-header'] === identityHeader
      ? undefined
      : 'The header X-IDENTITY-HEADER is not that of IDENTITY_HEADER',
  body: ({ accessToken, expiresIn, now, resource, clientId }) => ({
    access_token: accessToken,
    expires_on: String(now + expiresIn),
    resource,
    token_type: 'Bearer',
    client_id: clientId,
  }),
  refusal: (_error, message) => ({ statusCode: 400, message, correlationId: randomUUID() }),
};

const instanceMetadata: Source = {
  denied: (_entra, req) => (req.headers.metadata === 'true' ? undefined : 'Required metadata header not specified'),
  body: (token) => ({
    ...appService.body(token),
    expires_in: String(token.expiresIn),
    ext_expires_in: String(token.expiresIn),
    not_before: String(token.now - 300),
  }),
  refusal: (error, message) => ({ error, error_description: message }),
};

function answer(entra: LocalEntra, source: Source, req: Request, res: Response): void {
  const refuse = (error: string, message: string, code = 0) => {
    entra.log.add({ event: 'refused', method: req.method, path: req.path, code, error });
    res.status(400).set('Cache-Control', 'no-store').json(source.refusal(error, message));
  };
  const query = queryOf(req);
  const identity = identityOf(entra, query, req.params.machine === undefined ? undefined : String(req.params.machine));
  const denied = source.denied(entra, req) ?? (identity ? undefined : 'Identity not found');
  const resource = query.get('resource');
  if (denied !== undefined || !identity || !resource) {
    refuse('invalid_request', denied ?? "Required query variable 'resource' is missing");
    return;
  }
  try {
    const token = tokenFor(entra, identity, resource);
    res
      .set('Cache-Control', 'no-store')
      .json(source.body({ ...token, resource, clientId: identity.clientId, now: entra.clock.seconds() }));
  } catch (error) {
    if (!(error instanceof AadstsError)) {
      throw error;
    }
    refuse(error.error, `AADSTS${error.code}: ${error.message}`, error.code);
  }
}

function tokenFor(entra: LocalEntra, client: ServicePrincipal, audience: string) {
  const resource = entra.directory.servicePrincipals.ofResource(audience, client.tenantId);
  if (!resource) {
    throw unknownResource(audience, client.tenantId);
  }
  return issueApplicationToken(entra, { client, clientAuthentication: 'certificate', resource, audience });
}

/** The identity that the request names; where it names none, that of the machine, which is the first where the path names none. */
function identityOf({ directory }: LocalEntra, query: URLSearchParams, machine: string | undefined) {
  const identities = directory.servicePrincipals
    .all()
    .filter(({ servicePrincipalType }) => servicePrincipalType === 'ManagedIdentity');
  const named: readonly [keyof ServicePrincipal, string | undefined][] = [
    ['clientId', query.get('client_id') ?? undefined],
    ['objectId', query.get('object_id') ?? query.get('principal_id') ?? undefined],
    ['azureResourceId', query.get('mi_res_id') ?? query.get('msi_res_id') ?? undefined],
  ];
  const given = named.filter(([, value]) => value !== undefined);
  if (given.length > 0) {
    return identities.find((identity) =>
      given.every(([key, value]) => String(identity[key]).toLowerCase() === value?.toLowerCase()),
    );
  }
  return machine === undefined ? identities[0] : identities.find(({ objectId }) => objectId === machine.toLowerCase());
}
