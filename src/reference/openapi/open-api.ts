import { ConfigurationError } from '../../errors/index.js';
import { type AuthorityOptions, authorityOf, isGuid } from '../../token/index.js';
import { describeApi, type ReferenceSource } from '../api-description.js';
import { problemSchema, refusalResponses, securitySchemes } from './components.js';
import type { JsonObject } from './json-object.js';
import { mergeOpenApi } from './merge-open-api.js';

/** What an OpenAPI document says beside routes and catalogue. */
export type OpenApiSettings = AuthorityOptions & {
  /** The tenant whose endpoints clients use: a GUID, or `organizations` and the like where several are admitted. */
  readonly tenant: string;
  /** The API's client id. */
  readonly clientId: string;
  /** What the API's scopes begin with (Application ID URI). `api://<clientId>` by default. */
  readonly identifierUri?: string;
  /** Of the API. `API` by default; an existing document keeps its own. */
  readonly title?: string;
  /** Of the API. `1.0.0` by default; an existing document keeps its own. */
  readonly version?: string;
  /** An OpenAPI 3.1 document that what is known here is added to. It is not changed. */
  readonly existing?: unknown;
};

/** Options of `openApi`. */
export type OpenApiOptions = ReferenceSource & OpenApiSettings;

/** A document, and what in it is not as it should be. */
export interface DerivedOpenApi {
  readonly document: JsonObject;
  /** Sentences: where an existing document and the routes disagree, and what could not be written. */
  readonly conflicts: readonly string[];
}

/**
 * The OpenAPI 3.1 document of an API, as far as routes and catalogue know it: paths, who may call what, how tokens are asked for,
 * and the refusals. Bodies and successful answers are the application's own: they stay as an existing document has them.
 *
 * Requirements say permissions and user roles, an OR of ANDs. What OpenAPI cannot say (whose records) stands in `description`
 * and, for machines, in `x-permissions`. Not checked: whether the existing document is valid.
 *
 * @throws ConfigurationError where the client id is no GUID, the existing document is not OpenAPI 3.1, or an authority is not one
 */
export function openApi(options: OpenApiOptions): DerivedOpenApi {
  const { tenant, clientId, title = 'API', version = '1.0.0', existing } = options;
  if (!isGuid(clientId)) throw new ConfigurationError('openApi: clientId must be the client id of the API, a GUID.');
  if (typeof tenant !== 'string' || !/^[\w.-]+$/.test(tenant)) {
    throw new ConfigurationError("openApi: tenant must be a tenant's GUID, or 'organizations' where several may call.");
  }
  const { identifierUri = `api://${clientId}` } = options;
  const { href } = authorityOf(options).metadata('2.0', tenant).url;
  const endpoint = (name: string) => href.replace('/v2.0/.well-known/openid-configuration', `/oauth2/v2.0/${name}`);
  const api = describeApi(options);
  return mergeOpenApi(existing ?? { openapi: '3.1.1', info: { title, version }, paths: {} }, api.operations, {
    identifierUri,
    components: {
      securitySchemes: securitySchemes(api.catalogue, {
        authorizationUrl: endpoint('authorize'),
        tokenUrl: endpoint('token'),
        identifierUri,
      }),
      responses: refusalResponses(),
      schemas: problemSchema,
    },
  });
}
