import { isAppOrRouter, listRoutes, type RouteEntry } from '../../express/index.js';
import type { Grant, RecordRule } from '../../permissions/index.js';
import type { MatrixOptions, ParameterValue, RouteExample } from './permission-matrix.js';

/** A route as the matrix asks it. */
export interface MatrixRoute {
  /** `GET /mailboxes/:id`. */
  readonly name: string;
  readonly method: string;
  /** The template that is filled in. */
  readonly path: string;
  readonly example: RouteExample;
  /** The grants of each `allow`: one of each must match. */
  readonly allows: readonly (readonly Grant[])[];
  /** By parameter: where its value comes from. */
  readonly parameters: ReadonlyMap<string, ParameterValue | RecordRule<unknown>>;
  readonly lists: readonly RecordRule<unknown>[];
  readonly creates: readonly RecordRule<unknown>[];
}

const parameter = /:([A-Za-z_]\w*)/g;

/** @throws Error that lists every route that is not declared, and every example that is missing or misspelt */
export function matrixRoutes(app: object, options: MatrixOptions): readonly MatrixRoute[] {
  if (!isAppOrRouter(app)) throw new TypeError('permissionMatrix(app, entra): app is an Express app.');
  const { examples = {}, records = {} } = options;
  const entries = listRoutes(app);
  const routes = entries.map((entry) => readRoute(entry, examples[nameOf(entry)] ?? {}));
  const names = new Set(routes.map(({ name }) => name));
  const rules = new Set(entries.flatMap(({ declarations }) => rulesOf(declarations)).map(({ name }) => name));
  const problems = [
    ...(routes.length === 0 ? ['no route was found. Is it the Express app, after its routes were added?'] : []),
    ...entries.filter(({ declarations }) => declarations.length === 0).map(undeclared),
    ...Object.keys(examples)
      .filter((name) => !names.has(name))
      .map((name) => unknown('examples', name, names)),
    ...Object.keys(records)
      .filter((name) => !rules.has(name))
      .map((name) => unknown('records', name, rules)),
    ...routes.flatMap((route) => missing(route, routes, records)),
  ];
  refuseProblems(problems);
  return routes;
}

/** @throws Error that lists them, each once, where there are any */
export function refuseProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const lines = [...new Set(problems)].map((each) => `  - ${each.replaceAll('\n', '\n    ')}`);
  throw new Error(`permissionMatrix:\n${lines.join('\n')}`);
}

const nameOf = ({ method, path }: RouteEntry) => `${method} ${path}`;

const undeclared = (entry: RouteEntry) =>
  `${nameOf(entry)} is not declared. Put allow(…) or publicRoute() before its handler.`;

const unknown = (option: string, name: string, known: ReadonlySet<string>) =>
  `${option}['${name}'] is not there. There are: ${[...known].join('; ') || 'none'}.`;

function readRoute(entry: RouteEntry, example: RouteExample): MatrixRoute {
  const allows = entry.declarations.flatMap((each) => (each.kind === 'allow' ? [each.grants] : []));
  const grants = allows.flat();
  const rules = (kind: Grant['narrowing']['kind']) => [
    ...new Set(
      grants.flatMap(({ narrowing }) => ('records' in narrowing && narrowing.kind === kind ? narrowing.records : [])),
    ),
  ];
  return {
    name: nameOf(entry),
    method: entry.method === 'ALL' ? 'GET' : entry.method,
    path: example.path ?? entry.path,
    example,
    allows,
    parameters: new Map<string, ParameterValue | RecordRule<unknown>>([
      ...rules('owned').map((rule) => [rule.param, rule] as const),
      ...Object.entries(example.params ?? {}),
    ]),
    lists: rules('owned-only'),
    creates: rules('creates'),
  };
}

function rulesOf(declarations: RouteEntry['declarations']): RecordRule<unknown>[] {
  return declarations.flatMap((each) =>
    each.kind === 'allow'
      ? each.grants.flatMap(({ narrowing }) => ('records' in narrowing ? narrowing.records : []))
      : [],
  );
}

/** What must be known before the first request. */
function missing(
  { name, path, parameters, lists }: MatrixRoute,
  routes: readonly MatrixRoute[],
  records: NonNullable<MatrixOptions['records']>,
): string[] {
  const named = [...path.matchAll(parameter)].map(([, each = '']) => each);
  const needed = [...[...parameters.values()].filter(isRule), ...lists];
  return [
    ...named
      .filter((each) => !parameters.has(each))
      .map((each) => `${name} lacks an example of :${each}. Add examples: { '${name}': { params: { ${each}: … } } }.`),
    ...(/[*{}()|…?+^$\\]/.test(path.replaceAll(parameter, ''))
      ? [`${name} cannot be filled in. Add examples: { '${name}': { path: '/a/path/:id' } }.`]
      : []),
    ...needed
      .filter((rule) => records[rule.name] === undefined && !routes.some((route) => route.creates.includes(rule)))
      .map(
        (rule) => `${name} needs a ${rule.name}. Add records: { ${rule.name}: async (owner) => the id of a new one }.`,
      ),
  ];
}

export function isRule(value: ParameterValue | RecordRule<unknown>): value is RecordRule<unknown> {
  return typeof value === 'object';
}
