import { type GrantAsJson, grantAsJson, limitsOf, namedRecords } from '../../permissions/index.js';
import type { Alternative } from '../alternatives.js';
import type { ApiOperation } from '../api-description.js';
import { defaultScope, type RefusalStatus, refusals, schemeNames, scopeOf } from './components.js';
import type { JsonObject } from './json-object.js';

/** What of an operation of OpenAPI is known from the route's declaration. */
export interface DescribedOperation {
  readonly description: string;
  readonly security: readonly SecurityRequirement[];
  readonly responses: Readonly<Record<string, JsonObject>>;
  /** The grants as they are declared: one list for each `allow`. */
  readonly 'x-permissions': readonly (readonly GrantAsJson[])[];
}

export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

export function describeOperation(operation: ApiOperation, identifierUri: string): DescribedOperation {
  const { access, alternatives, allows } = operation;
  const requirements = alternatives.map((alternative) => requirementOf(alternative, identifierUri));
  const statuses: readonly RefusalStatus[] =
    access === 'public' ? [] : loadsRecords(operation) ? [401, 403, 404, 503] : [401, 403, 503];
  return {
    description: descriptionOf(operation),
    security: requirements.filter(
      (each, index) => requirements.findIndex((other) => JSON.stringify(other) === JSON.stringify(each)) === index,
    ),
    responses: Object.fromEntries(
      statuses.map((status) => [status, { $ref: `#/components/responses/${refusals[status].name}` }]),
    ),
    'x-permissions': allows.map((grants) => grants.map(grantAsJson)),
  };
}

function requirementOf({ kind, permissions, grants }: Alternative, identifierUri: string): SecurityRequirement {
  if (kind === 'application') {
    return { [schemeNames.application]: [defaultScope(identifierUri)], [schemeNames.appRole]: permissions };
  }
  const userRoles = [...new Set(grants.flatMap(({ userRole }) => userRole ?? []))];
  return {
    [schemeNames.delegated]: permissions.map((name) => scopeOf(name, identifierUri)),
    ...(userRoles.length > 0 && { [schemeNames.userRole]: userRoles }),
  };
}

function loadsRecords({ allows }: ApiOperation): boolean {
  return namedRecords(allows.flat()).length > 0;
}

/** What requirements cannot say: which records a permission opens. */
function descriptionOf({ access, alternatives }: ApiOperation): string {
  if (access === 'public') return `${openings.everyone}, without a token too.`;
  const lines = alternatives.map(({ kind, permissions, grants }) => {
    const limits = [...new Set(grants.flatMap(limitsOf))].join('; ');
    return `- ${kind} \`${permissions.join('` and `')}\`${limits === '' ? '' : `: ${limits}`}`;
  });
  return lines.length === 0 ? `${openings.noOne}.` : `${openings.some}, any one of:\n\n${lines.join('\n')}`;
}

const openings = { everyone: 'Anyone may call it', some: 'Who may call it', noOne: 'No one may call it' } as const;

/** Whether a description was written here, and not by whoever keeps the document. */
export function isDerivedDescription(description: unknown): boolean {
  return typeof description === 'string' && Object.values(openings).some((opening) => description.startsWith(opening));
}
