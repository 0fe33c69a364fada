import type { DocumentPermission, DocumentScheme, PathSet, PermissionsDocument, Scheme } from '../../document/index.js';
import { type Catalogue, type CatalogueEntry, limitsOf } from '../../permissions/index.js';
import type { Alternative } from '../alternatives.js';
import {
  type ApiDescription,
  type ApiOperation,
  describeApi,
  operationName,
  type ReferenceSource,
} from '../api-description.js';
import { isOfScheme, schemes } from '../scheme.js';
import { alsoRequired } from './also-required.js';

/** A document, and what it does not say. */
export interface DerivedPermissionsDocument {
  readonly document: PermissionsDocument;
  /** Sentences, with operation and permission: what was left out, and what the published rules will not take. */
  readonly findings: readonly string[];
}

/**
 * The permissions document of an API (`application/permissions+json`): Microsoft's own format for the permissions of Microsoft
 * Graph. Source: microsoftgraph/kibali, specs/permissions.md and permissions-schema.json.
 *
 * The format knows permissions, methods and paths. Ownership, selections, scopes, user roles and conditions it cannot say: they
 * stand in a permission's `note`, and whoever protects an API from the document has to attach them again. `privilegeLevel` is
 * left out. What has no path template is left out and found.
 */
export function permissionsDocument(source: ReferenceSource): DerivedPermissionsDocument {
  const api = describeApi(source);
  const entries = Object.entries(api.catalogue).flatMap(([name, entry]) => {
    const stated = schemesOf(entry);
    return Object.keys(stated).length === 0 ? [] : [[name, describePermission(name, stated, api)] as const];
  });
  return { document: { permissions: Object.fromEntries(entries) }, findings: findingsOf(api) };
}

type Schemes = Readonly<Partial<Record<Scheme, DocumentScheme>>>;

interface DescribedPermission extends DocumentPermission {
  /** For people. */
  readonly note?: string;
}

function describePermission(name: string, stated: Schemes, api: ApiDescription): DescribedPermission {
  const note = noteOf(name, api);
  return {
    ...(note !== undefined && { note }),
    authorizationType: 'oAuth2',
    schemes: stated,
    pathSets: pathSets(api.operations.flatMap((operation) => uses(name, operation, api.catalogue))),
  };
}

function schemesOf({ delegated, application }: CatalogueEntry): Schemes {
  const work = delegated !== undefined &&
    delegated.enabled !== false && {
      adminDisplayName: delegated.displayName,
      adminDescription: delegated.description,
      userDisplayName: (delegated.toUser ?? delegated).displayName,
      userDescription: (delegated.toUser ?? delegated).description,
      requiresAdminConsent: delegated.consent === 'admin',
    };
  return {
    ...(work && { DelegatedWork: work }),
    ...(work && delegated?.personal === true && { DelegatedPersonal: work }),
    ...(application !== undefined &&
      application.enabled !== false && {
        Application: {
          adminDisplayName: application.displayName,
          adminDescription: application.description,
          requiresAdminConsent: true,
        },
      }),
  };
}

/** One method of one template, as a permission opens it. */
interface Use {
  readonly method: string;
  readonly template: string;
  readonly schemeKeys: readonly Scheme[];
  readonly alsoRequires: string | undefined;
  readonly value: string;
}

/** Schemes for which the permission demands the same beside it go together. */
function uses(name: string, { method, templates, alternatives }: ApiOperation, catalogue: Catalogue): readonly Use[] {
  const groups = new Map<string, { schemeKeys: Scheme[]; least: Scheme[]; also: ReturnType<typeof alsoRequired> }>();
  for (const scheme of schemes) {
    const open = alternatives.filter((each) => isOfScheme(each, scheme, catalogue));
    const own = open.filter(({ permissions }) => permissions.includes(name));
    if (own.length === 0) continue;
    const also = alsoRequired(own.map(({ permissions }) => permissions.filter((each) => each !== name)));
    const key = JSON.stringify(also);
    const group = groups.get(key) ?? { schemeKeys: [], least: [], also };
    groups.set(key, group);
    group.schemeKeys.push(scheme);
    if (open[0]?.permissions[0] === name) group.least.push(scheme);
  }
  return templates.flatMap((template) =>
    [...groups.values()].map(({ schemeKeys, least, also: { expression, anyOf } }) => ({
      method,
      template,
      schemeKeys,
      alsoRequires: expression,
      value: [
        ...(least.length > 0 ? [`least=${least.join(',')}`] : []),
        ...(anyOf.length > 0 ? [`AlsoRequires=${anyOf.join(',')}`] : []),
      ].join(';'),
    })),
  );
}

/** As few as say the same: first the methods of a template are put together, then the templates. */
function pathSets(all: readonly Use[]): readonly PathSet[] {
  const byTemplate = grouped(all, ({ method: _, ...use }) => JSON.stringify(use));
  const lines = byTemplate.map(([first, ...others]) => ({
    ...first,
    methods: [...new Set([first, ...others].map(({ method }) => method))],
  }));
  const sets = grouped(lines, ({ schemeKeys, methods, alsoRequires }) =>
    JSON.stringify([schemeKeys, methods, alsoRequires]),
  );
  return sets.map((group) => {
    const [{ schemeKeys, methods, alsoRequires }] = group;
    return {
      schemeKeys,
      methods,
      ...(alsoRequires !== undefined && { alsoRequires }),
      paths: Object.fromEntries(group.map(({ template, value }) => [template, value])),
    };
  });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** What limits the permission and cannot be said otherwise. */
function noteOf(name: string, { operations }: ApiDescription): string | undefined {
  const lines = operations.flatMap((operation) =>
    operation.alternatives
      .filter(({ permissions }) => permissions.includes(name))
      .map((alternative) => ({ alternative, limits: limitsOfAlternative(alternative) }))
      .filter(({ limits }) => limits !== '')
      .map(({ alternative, limits }) => `${operationName(operation)} (${alternative.kind}): ${limits}.`),
  );
  return lines.length === 0 ? undefined : [...new Set(lines)].join(' ');
}

function limitsOfAlternative({ grants }: Alternative): string {
  return [...new Set(grants.flatMap(limitsOf))].join('; ');
}

const publishedName = /\w+\.\w+/;
const pathValueName = /^[\w.]+$/;

function findingsOf({ catalogue, operations }: ApiDescription): readonly string[] {
  const names = Object.entries(catalogue).flatMap(([name, { delegated, application }]) => {
    if (delegated === undefined && application === undefined) {
      return [`${name} is a user role: the format has no place for it.`];
    }
    const texts = [delegated, delegated?.toUser, application].flatMap((each) => each?.displayName ?? []);
    return [
      ...(publishedName.test(name) ? [] : [`${name}: the published schema wants names such as Mail.Read.`]),
      ...(texts.some((text) => text.length > 100) ? [`${name}: a display name has at most 100 characters.`] : []),
    ];
  });
  const limited = operations.flatMap((operation) =>
    operation.alternatives
      .map((alternative) => ({ ...alternative, limits: limitsOfAlternative(alternative) }))
      .filter(({ limits }) => limits !== '')
      .map(
        ({ kind, permissions, limits }) =>
          `${operationName(operation)}: ${kind} ${permissions.join(' and ')} is limited (${limits}), which only its note says.`,
      ),
  );
  const left = operations
    .filter(({ access, templates }) => access === 'permissions' && templates.length === 0)
    .map((operation) => `${operationName(operation)} is left out: its path is not known, or is no template.`);
  const joined = operations.flatMap((operation) =>
    operation.alternatives
      .flatMap(({ permissions }) => (permissions.length > 1 ? permissions : []))
      .filter((name) => !pathValueName.test(name))
      .map((name) => `${operationName(operation)}: the published schema does not take ${name} in AlsoRequires.`),
  );
  return [...new Set([...names, ...left, ...limited, ...joined])];
}
