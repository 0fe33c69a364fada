import { type CatalogueEntry, limitsOf } from '../../permissions/index.js';
import { type ApiDescription, operationName } from '../api-description.js';
import { type PermissionRow, permissionRows } from '../permission-rows.js';

/** What the page shows. */
export interface PageData {
  readonly title: string;
  readonly operations: readonly PageOperation[];
  readonly permissions: readonly ({ readonly name: string } & CatalogueEntry)[];
  /** The documents beside the page, by file. */
  readonly documents: readonly string[];
  /** Where the API's paths begin, relative to the page: `../`. */
  readonly root: string;
  /** The names of the local Entra's callers. */
  readonly callers: readonly string[];
}

export interface PageOperation {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly access: 'public' | 'permissions' | 'undeclared';
  /** Where a request can be sent; undefined where the path is not known. */
  readonly template: string | undefined;
  readonly rows: readonly PermissionRow[];
  readonly alternatives: readonly {
    readonly kind: 'delegated' | 'application';
    readonly permissions: readonly string[];
    readonly userRoles: readonly string[];
    readonly limits: readonly string[];
  }[];
  /** What the explainer has to be told beside the caller. */
  readonly asks: readonly ('there' | 'owned' | 'selected' | 'within' | 'conditions')[];
}

export function pageData(
  { catalogue, operations }: ApiDescription,
  rest: Pick<PageData, 'title' | 'documents' | 'callers' | 'root'>,
): PageData {
  return {
    ...rest,
    operations: operations.map((operation) => ({
      name: operationName(operation),
      method: operation.method,
      path: operation.path,
      access: operation.access,
      template: operation.templates.at(-1),
      rows: permissionRows(operation, catalogue),
      alternatives: operation.alternatives.map(({ kind, permissions, grants }) => ({
        kind,
        permissions,
        userRoles: [...new Set(grants.flatMap(({ userRole }) => userRole ?? []))],
        limits: [...new Set(grants.flatMap(limitsOf))],
      })),
      asks: asksOf(operation.allows.flat()),
    })),
    permissions: Object.entries(catalogue).map(([name, entry]) => ({ name, ...entry })),
  };
}

function asksOf(grants: ApiDescription['operations'][number]['allows'][number]): PageOperation['asks'] {
  const asks = new Set<PageOperation['asks'][number]>();
  for (const { narrowing, conditions } of grants) {
    if (narrowing.kind === 'owned' || narrowing.kind === 'selected' || narrowing.kind === 'within') {
      asks.add('there').add(narrowing.kind);
    }
    if (conditions.length > 0) asks.add('conditions');
  }
  return [...asks];
}
