import { type Grant, namedRecords } from '../permissions/index.js';
import type { Finding } from './finding.js';
import type { Operation } from './operation.js';
import type { RouteEntry } from './routes.js';

/** One method of one path of a route. */
export interface RouteOperation {
  readonly operation: Operation;
  readonly route: RouteEntry;
  /** What middlewares on the way list for it. */
  readonly listed: readonly Operation[];
  /** A middleware on the way decides by a list, and it is not in it. */
  readonly isRefused: boolean;
}

/** What is wrong with a route by itself. */
export function routeFindings({ operation, route, listed, isRefused }: RouteOperation): readonly Finding[] {
  const { method, path, isPublic, allows } = operation;
  const found = (code: string, message: string): Finding => ({
    code,
    message: `${method} ${path}: ${message}`,
    method,
    path,
  });
  if (isRefused) {
    const isOne = method !== 'ALL' && isPlain(operation);
    return isOne
      ? [found('not_in_document', 'the middleware before it lists no such operation, and lets no one reach it.')]
      : [];
  }
  if (allows.length === 0 && !isPublic) {
    return [found('undeclared_route', 'not declared. Put allow(…) or publicRoute() before its handler.')];
  }
  const isListed = listed.length > 0;
  return [
    ...(isPublicWithTheApp(operation, route)
      ? [
          found(
            'public_by_use',
            "public because of a publicRoute() in app.use for every path. Give that its path, app.use('/assets', publicRoute(), …), or say publicRoute() in the route.",
          ),
        ]
      : []),
    ...(route.declaresLast ? [found('late_declaration', 'declared after its handler. Put allow(…) before it.')] : []),
    ...(isListed ? [] : missingParameters(operation).map((message) => found('missing_parameter', message))),
    ...createdByItsId(operation).map((message) => found('created_by_id', message)),
    ...openedToEveryUser(operation, isListed).map(([code, message]) => found(code, message)),
  ];
}

/** Whether the whole template is known, and is a plain one: not an expression. */
function isPlain({ path }: Operation): boolean {
  return /^[\w\-./:{}*]+$/.test(path);
}

type Told = readonly [code: string, message: string];

function missingParameters(operation: Operation): readonly string[] {
  if (!isPlain(operation)) return [];
  const segments = operation.path.split(/[^\w:]/);
  return namedRecords(operation.allows.flat())
    .filter(({ param }) => !segments.includes(`:${param}`))
    .map(
      ({ name, param }) =>
        `record '${name}' is looked for by ':${param}', which is not in this path. Say param: '…' in record({ … }).`,
    );
}

function isPublicWithTheApp({ isPublic }: Operation, { steps, declaresItself }: RouteEntry): boolean {
  if (!isPublic || declaresItself) return false;
  const publics = steps.filter((step) => step.kind === 'declaration' && step.declaration.kind === 'public');
  return publics.every((step) => step.kind === 'declaration' && step.isForWholeApp === true);
}

/** A record that is made has no id yet. On a route that names one, the grant would open whatever is there. */
function createdByItsId(operation: Operation): readonly string[] {
  const created = operation.allows
    .flat()
    .flatMap(({ narrowing }) => (narrowing.kind === 'creates' ? narrowing.records : []));
  return created
    .filter(({ param }) => operation.parameters.includes(param) && isLastSegment(operation.path, param))
    .map(({ name }) => `.creates(${name}) on a route of one that is there. Write .owned(${name}).`);
}

function isLastSegment(path: string, param: string): boolean {
  return path.endsWith(`:${param}`);
}

/** A route has the word for what is meant; a list of operations that a middleware brings may have none. */
function openedToEveryUser({ path, parameters, allows }: Operation, isListed: boolean): readonly Told[] {
  if (parameters.length === 0 && !/[:*{(]/.test(path)) return [];
  const delegated = allows.flat().filter(({ kind }) => kind === 'delegated');
  if (!isListed && delegated.every((grant) => isOpen(grant) && grant.narrowing.kind === 'none')) {
    return delegated.map(({ permissions: [name] }) => [
      'every_record',
      `every user, every record? delegated('${name}') opens all of them to every user with the scope. ` +
        'Write .owned(record), or .onAnyRecord() if that is meant.',
    ]);
  }
  const isOpenToAll = allows.every((grants) => grants.some((grant) => grant.kind === 'delegated' && isOpen(grant)));
  return isOpenToAll
    ? delegated
        .filter(isOpen)
        .map(({ permissions: [name] }) => [
          'any_record',
          `delegated('${name}') opens every record to every user with the scope.`,
        ])
    : [];
}

function isOpen({ narrowing, userRole, conditions }: Grant): boolean {
  return !('records' in narrowing) && userRole === undefined && conditions.length === 0;
}
