import { isDeepStrictEqual } from 'node:util';
import { ConfigurationError } from '../../errors/index.js';
import { type ApiOperation, operationName } from '../api-description.js';
import { type DescribedOperation, describeOperation, isDerivedDescription } from './describe-operation.js';
import { isObject, type JsonObject, objectAt } from './json-object.js';
import type { DerivedOpenApi } from './open-api.js';

/** What is added beside paths. */
export interface Additions {
  readonly identifierUri: string;
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/**
 * A document with what the routes say added. What is there stays: where it disagrees, that is a conflict to tell. A document
 * with `x-permissions` was merged before: the requirements of such operations, and the components named here, are renewed.
 */
export function mergeOpenApi(
  existing: unknown,
  operations: readonly ApiOperation[],
  { identifierUri, components }: Additions,
): DerivedOpenApi {
  if (!isObject(existing) || typeof existing.openapi !== 'string' || !existing.openapi.startsWith('3.1.')) {
    throw new ConfigurationError(
      'openApi: the existing document must be OpenAPI 3.1 (openapi: "3.1.1"), as a JSON object: 3.0 cannot name app roles.',
    );
  }
  const conflicts: string[] = [];
  const base = basePath(existing);
  const paths = new Map(Object.entries(objectAt(existing, 'paths')));
  const answered = new Set<string>();
  for (const operation of operations) {
    // An empty `security` would say that anyone may.
    if (operation.access !== 'public' && operation.alternatives.length === 0) {
      conflicts.push(`${operationName(operation)} is left out: its route declares nothing that admits anyone.`);
      continue;
    }
    if (operation.templates.length === 0) {
      conflicts.push(`${operationName(operation)} is left out: its path is not known, or is no template.`);
    }
    for (const template of operation.templates) {
      if (!template.startsWith(`${base}/`)) {
        conflicts.push(`${operation.method} ${template} is left out: it is not below ${base}, where servers[0] is.`);
        continue;
      }
      const wanted = template.slice(base.length);
      const path = [...paths.keys()].find((each) => shapeOf(each) === shapeOf(wanted)) ?? wanted;
      const method = operation.method.toLowerCase();
      if (!methods.includes(method)) {
        conflicts.push(`${operationName(operation)} is left out: OpenAPI 3.1 does not know the method.`);
        continue;
      }
      answered.add(`${method} ${path}`);
      const item = paths.get(path);
      const made = isObject(item) ? item : {};
      const described = describeOperation(operation, identifierUri);
      paths.set(path, { ...made, [method]: mergeOperation(made, method, path, described, conflicts) });
    }
  }
  conflicts.push(...withoutRoute(paths, answered));
  const document = {
    ...existing,
    paths: Object.fromEntries(paths),
    components: mergeComponents(
      objectAt(existing, 'components'),
      components,
      wasMerged(existing)
        ? undefined
        : (name) => conflicts.push(`components.${name} is another than is derived; it was kept.`),
    ),
  };
  return { document, conflicts };
}

/** `https://mail.example/api/v1/` is `/api/v1`. */
function basePath({ servers }: JsonObject): string {
  const [first] = Array.isArray(servers) ? (servers as readonly unknown[]) : [];
  const url = isObject(first) && typeof first.url === 'string' ? first.url : '/';
  return URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname.replace(/\/+$/, '') : '';
}

/** Paths that differ in the names of their parameters are one. */
function shapeOf(path: string): string {
  return path.replaceAll(/\{[^}]*\}/g, '{}');
}

function mergeOperation(
  item: JsonObject,
  method: string,
  path: string,
  described: DescribedOperation,
  conflicts: string[],
): JsonObject {
  const before = isObject(item[method]) ? item[method] : undefined;
  const { security } = before ?? {};
  const isOwn = before === undefined || before['x-permissions'] !== undefined || security === undefined;
  if (!isOwn && !isDeepStrictEqual(security, described.security)) {
    conflicts.push(`${method.toUpperCase()} ${path}: security is another than the route declares; it was kept.`);
  }
  const parameters = missingParameters(item, before ?? {}, path);
  return {
    ...before,
    description: isDerivedDescription(before?.description ?? described.description)
      ? described.description
      : before?.description,
    ...(parameters.length > 0 && {
      parameters: [...(Array.isArray(before?.parameters) ? before.parameters : []), ...parameters],
    }),
    responses: {
      ...(before === undefined && { '2XX': { description: 'Success.' } }),
      ...described.responses,
      ...objectAt(before ?? {}, 'responses'),
    },
    security: isOwn ? described.security : security,
    'x-permissions': described['x-permissions'],
  };
}

function missingParameters(item: JsonObject, operation: JsonObject, path: string): readonly JsonObject[] {
  const there = [item.parameters, operation.parameters].flat().filter(isObject);
  // What a reference names is not looked up: where there is one, the document is taken to know its parameters.
  if (there.some((each) => '$ref' in each)) return [];
  return [...path.matchAll(/\{([^}]+)\}/g)]
    .map(([, name]) => name)
    .filter((name) => !there.some((each) => each.in === 'path' && each.name === name))
    .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function wasMerged(document: JsonObject): boolean {
  return Object.values(objectAt(document, 'paths')).some(
    (item) => isObject(item) && Object.values(item).some((each) => isObject(each) && 'x-permissions' in each),
  );
}

/** @param keep told of each component that is another and stays; undefined: it is renewed */
function mergeComponents(
  existing: JsonObject,
  added: Additions['components'],
  keep: ((name: string) => void) | undefined,
): JsonObject {
  const merged = Object.entries(added).map(([section, entries]) => {
    const before = objectAt(existing, section);
    for (const [name, value] of Object.entries(entries)) {
      if (Object.hasOwn(before, name) && !isDeepStrictEqual(before[name], value)) keep?.(`${section}.${name}`);
    }
    return [section, keep === undefined ? { ...before, ...entries } : { ...entries, ...before }];
  });
  return { ...existing, ...Object.fromEntries(merged) };
}

function withoutRoute(paths: ReadonlyMap<string, unknown>, answered: ReadonlySet<string>): readonly string[] {
  return [...paths].flatMap(([path, item]) =>
    methods
      .filter((method) => isObject(item) && method in item && !answered.has(`${method} ${path}`))
      .map(
        (method) => `${method.toUpperCase()} ${path} is in the document, and no route of the app is declared for it.`,
      ),
  );
}
