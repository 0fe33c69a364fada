import { type InventoryOptions, inventory, type Operation } from '../express/index.js';
import type { Catalogue, Grant } from '../permissions/index.js';
import { type Alternative, alternativesOf } from './alternatives.js';
import { uriTemplates } from './uri-templates.js';

/** What everything here is derived from. */
export interface ReferenceSource {
  /** The Express app, after its routes were added. */
  readonly app: object;
  /** What `definePermissions` gave. */
  readonly permissions: { readonly catalogue: Catalogue };
  /** Apps and routers that Express does not say the place of: as for `inventory`. */
  readonly mounted?: NonNullable<InventoryOptions['mounted']>;
}

/** One method of one path, and who is admitted. */
export interface ApiOperation {
  /** Upper case. */
  readonly method: string;
  /** As Express has it: `/users/:id`. */
  readonly path: string;
  /** `/users/{id}`: several where something is optional, none where the path is not known or cannot be written so. */
  readonly templates: readonly string[];
  readonly access: 'public' | 'permissions' | 'undeclared';
  /** One list for each `allow`: any one inside, all of them between. */
  readonly allows: readonly (readonly Grant[])[];
  readonly alternatives: readonly Alternative[];
}

/** An API as its routes and its catalogue declare it. */
export interface ApiDescription {
  readonly catalogue: Catalogue;
  readonly operations: readonly ApiOperation[];
}

/** What `route.all` answers, as far as documents know methods. */
const everyMethod = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Reads an app. Of routes that are declared twice the first is kept, since Express asks it first. */
export function describeApi({ app, permissions: { catalogue }, mounted = [] }: ReferenceSource): ApiDescription {
  const operations = new Map<string, ApiOperation>();
  for (const operation of inventory(app, { mounted }).operations) {
    for (const method of operation.method === 'ALL' ? everyMethod : [operation.method]) {
      const name = `${method} ${operation.path}`;
      if (!operations.has(name)) operations.set(name, describeOperation(method, operation));
    }
  }
  return { catalogue, operations: [...operations.values()] };
}

/** `GET /users/:id`. */
export function operationName({ method, path }: Pick<ApiOperation, 'method' | 'path'>): string {
  return `${method} ${path}`;
}

function describeOperation(method: string, { path, isPathKnown, isPublic, allows }: Operation): ApiOperation {
  const templates = (isPathKnown ? uriTemplates(path) : undefined) ?? [];
  const access = allows.length > 0 ? 'permissions' : isPublic ? 'public' : 'undeclared';
  return { method, path, templates, access, allows, alternatives: alternativesOf(allows) };
}
