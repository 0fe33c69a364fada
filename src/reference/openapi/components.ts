import type { Catalogue } from '../../permissions/index.js';
import type { JsonObject } from './json-object.js';

/** What tokens of the API are asked for with. */
export interface Requests {
  /** The authorization endpoint. */
  readonly authorizationUrl: string;
  /** The token endpoint. */
  readonly tokenUrl: string;
  /** What scopes begin with: `api://<client id>`. */
  readonly identifierUri: string;
}

/** The names of the security schemes. */
export const schemeNames = {
  delegated: 'entraDelegated',
  application: 'entraApplication',
  appRole: 'entraAppRole',
  userRole: 'entraUserRole',
} as const;

/** The refusals that each operation may answer with, by status. */
export const refusals = {
  401: { name: 'EntraUnauthorized', description: 'No access token, or not a good one of this API.' },
  403: { name: 'EntraForbidden', description: 'A caller, but without what the operation demands.' },
  404: { name: 'EntraNotFound', description: 'There is no such record, or none that the caller may know of.' },
  503: { name: 'EntraUnavailable', description: 'The signing keys of the authority cannot be had: try again later.' },
} as const;

export type RefusalStatus = keyof typeof refusals;

/**
 * Tokens are asked for by two flows. App roles and user roles are no scopes: no client can ask for one, an admin grants them and
 * they are in the token. OpenAPI 3.1 names such roles in a requirement of a scheme that is not OAuth, so each kind of role has
 * one, and a requirement names flow and roles together: the same bearer token satisfies both.
 * Source: https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object
 */
export function securitySchemes(
  catalogue: Catalogue,
  { authorizationUrl, tokenUrl, identifierUri }: Requests,
): Readonly<Record<string, JsonObject>> {
  const has = (kind: 'delegated' | 'application' | 'userRole') =>
    Object.values(catalogue).some((entry) => entry[kind] !== undefined);
  const scopes = Object.entries(catalogue).flatMap(([name, { delegated }]) =>
    delegated === undefined || delegated.enabled === false
      ? []
      : [[scopeOf(name, identifierUri), delegated.displayName] as const],
  );
  const roles = (description: string) => ({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description });
  return {
    ...(has('delegated') && {
      [schemeNames.delegated]: {
        type: 'oauth2',
        description: 'A user, through a client. Authorization code flow with PKCE.',
        flows: { authorizationCode: { authorizationUrl, tokenUrl, scopes: Object.fromEntries(scopes) } },
      },
    }),
    ...(has('application') && {
      [schemeNames.application]: {
        type: 'oauth2',
        description: 'A client as itself.',
        flows: {
          clientCredentials: {
            tokenUrl,
            scopes: {
              [defaultScope(identifierUri)]: 'Every application permission that an admin granted to the client.',
            },
          },
        },
      },
      [schemeNames.appRole]: roles(
        'Application permissions (app roles) that an admin granted to the client, in `roles`.',
      ),
    }),
    ...(has('userRole') && {
      [schemeNames.userRole]: roles('App roles that are assigned to the user, in `roles` beside `scp`.'),
    }),
  };
}

export function scopeOf(name: string, identifierUri: string): string {
  return `${identifierUri}/${name}`;
}

export function defaultScope(identifierUri: string): string {
  return `${identifierUri}/.default`;
}

/** RFC 9457, as `problemDetails()` answers. */
export const problemSchema = {
  EntraProblem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { const: 'about:blank' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string', description: 'One sentence for the developer of the client.' },
      code: { type: 'string', description: 'The stable name of the refusal.' },
    },
  },
};

export function refusalResponses(): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    Object.entries(refusals).map(([status, { name, description }]) => [
      name,
      {
        description,
        ...(headers[status as keyof typeof headers] && { headers: headers[status as keyof typeof headers] }),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/EntraProblem' } } },
      },
    ]),
  );
}

const text = { schema: { type: 'string' } };
const headers: Readonly<Partial<Record<string, JsonObject>>> = {
  401: { 'WWW-Authenticate': { ...text, description: 'The challenge (RFC 6750).' } },
  403: { 'WWW-Authenticate': { ...text, description: 'The challenge (RFC 6750), where another token would help.' } },
  503: { 'Retry-After': { ...text, description: 'Seconds (RFC 9110).' } },
};
