import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../caller/index.js';
import type { TestEntra } from '../create-test-entra.js';
import { readDecision } from '../decision.js';
import type { TestClient } from '../test-client.js';
import type { TestUser } from '../test-user.js';
import { type Asked, disagreement, found, notCreator, notOwned, surprises } from './check-answer.js';
import { exchangeWith } from './exchange.js';
import { type Cast, describeCaller, type MatrixCaller, matrixCallers } from './matrix-callers.js';
import { type MatrixRoute, matrixRoutes, refuseProblems } from './matrix-routes.js';
import { question, Records } from './records.js';
import { table } from './table.js';

/** An Express app. */
export type MatrixApp = (req: IncomingMessage, res: ServerResponse) => unknown;

/** The value of a route parameter: one for all, or made for the principal that shall own what it names. */
export type ParameterValue = string | ((owner: Principal) => string | Promise<string>);

/** What a route has to be sent, so that a caller who is let in succeeds. */
export interface RouteExample {
  /** Values of parameters that no grant names. A function makes it a record of the caller's own, and then of another's. */
  readonly params?: Readonly<Record<string, ParameterValue>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. A function is called for each request. */
  readonly body?: unknown;
  /** `'no records'`: the answer of a limited list holds no ids, as a count does not. Whether its reach was applied is then yours to test. */
  readonly shows?: 'no records';
  /** The path to ask for, where the template is an expression, a wildcard, or was not remembered by Express (`…`). */
  readonly path?: string;
}

export interface MatrixOptions {
  /**
   * By the name given to `record`: makes a record with this owner and returns its id. Left out: the record is created through the
   * API's own route, the one with a grant that `.creates(record)`.
   */
  readonly records?: Readonly<Record<string, (owner: Principal) => string | number | Promise<string | number>>>;
  /** By route, as the matrix prints it: `'POST /mailboxes'`. */
  readonly examples?: Readonly<Record<string, RouteExample>>;
  /** Who calls, where the API must know them: a user whose profile is read, for example. Default: made up. */
  readonly user?: TestUser;
  readonly otherUser?: TestUser;
  readonly client?: TestClient;
  readonly otherClient?: TestClient;
  /** Runs before every request. */
  readonly reset?: () => unknown;
}

/** One route and one kind of caller. */
export interface MatrixRow {
  readonly route: string;
  readonly caller: string;
  /** What became of it: where the route is about records, on a record of the caller's own. */
  readonly outcome: string;
  /** On a record of another owner; undefined where the route is not about records. */
  readonly anothers: string | undefined;
}

export interface PermissionMatrix {
  /** Every request that was made; the table groups callers who fare alike. */
  readonly rows: readonly MatrixRow[];
  /** The table, for people and for snapshots. It holds no id and no date. */
  toString(): string;
}

/**
 * Who may call what: every route of an app is asked by every kind of caller, over HTTP in memory, and the answers make a table.
 *
 * The callers: no token; an application with each app role, and with none; a user with each scope; what a grant asks for together
 * (`.and`, `.withUserRole`); a user whose user roles bear the names of app roles; another tenant with everything. Where a grant
 * is about records each calls twice, on a record of its own and on another's. For a list both records are there, and what is
 * shown is held against the reach: one that was read but not applied is found. What a route `.creates` must be the caller's own.
 *
 * Not checked: conditions (`.when`) beyond what the examples meet, apps mounted in the app, which Express keeps out of sight, and
 * whether the table is the one you want: read it, and keep it as a snapshot.
 *
 * @throws Error that lists what is wrong: a route without a declaration, a missing example, a caller who is let in and then
 * answered with 400, 409, 422 or 500, a list that shows too much or too little
 *
 * @example
 * const matrix = await permissionMatrix(app, entra, {
 *   records: { mailbox: async (owner) => (await store.createMailbox(owner)).id },
 *   examples: { 'PATCH /mailboxes/:id': { body: { displayName: 'Renamed' } } },
 * });
 * expect(matrix.toString()).toMatchSnapshot();
 */
export async function permissionMatrix(
  app: MatrixApp,
  testEntra: Omit<TestEntra, 'asApplication' | 'asUser'>,
  options: MatrixOptions = {},
): Promise<PermissionMatrix> {
  const entra = testEntra as TestEntra;
  const routes = matrixRoutes(app, options);
  const cast: Cast = {
    user: options.user ?? entra.user('A user'),
    otherUser: options.otherUser ?? entra.user('Another user'),
    client: options.client ?? entra.client('A client'),
    otherClient: options.otherClient ?? entra.client('Another client'),
  };
  const callersOf = matrixCallers(entra, cast);
  const exchange = exchangeWith(app);
  const records = new Records(entra, exchange, routes, options);
  const problems: string[] = [];
  const rows: { row: MatrixRow; caller: MatrixCaller }[] = [];

  async function startAfresh(): Promise<void> {
    if (options.reset === undefined) return;
    await options.reset();
    records.forget();
  }

  async function ask(route: MatrixRoute, caller: MatrixCaller, owner: TestUser | TestClient): Promise<Asked> {
    const values = new Map<string, string>();
    for (const [name, source] of route.parameters) values.set(name, await records.idOf(source, owner));
    const path = route.path.replaceAll(/:([A-Za-z_]\w*)/g, (_, name) => encodeURIComponent(values.get(name) ?? ''));
    const answer = await exchange({
      ...question(route, path),
      headers: { ...route.example.headers, ...caller.headers },
    });
    const decision = readDecision(answer.req);
    if (decision.outcome !== 'refused' && !['GET', 'HEAD', 'OPTIONS'].includes(route.method)) records.forget();
    problems.push(...surprises(route, caller, { answer, decision }));
    return { answer, decision };
  }

  async function askForList(route: MatrixRoute, caller: MatrixCaller): Promise<MatrixRow> {
    const ids = { own: new Set<string>(), anothers: new Set<string>() };
    for (const rule of route.lists) {
      if (caller.self !== undefined) ids.own.add(await records.idOf(rule, caller.self));
      ids.anothers.add(await records.idOf(rule, caller.other));
    }
    const asked = await ask(route, caller, caller.self ?? caller.other);
    const shown = found(asked.answer.body);
    const showsOwn = [...ids.own].every((id) => shown.has(id));
    const showsAnothers = [...ids.anothers].some((id) => shown.has(id));
    const text = outcome(asked);
    const isAnswer =
      asked.decision.outcome === 'let-in' && asked.answer.status < 400 && route.example.shows !== 'no records';
    if (isAnswer) problems.push(...disagreement(route, caller, asked, { own: showsOwn, anothers: showsAnothers }));
    const cell = (isShown: boolean) => (isAnswer ? `${text} ${isShown ? 'listed' : 'not listed'}` : text);
    return rowOf(route, caller, caller.self === undefined ? '' : cell(showsOwn), cell(showsAnothers));
  }

  async function askForEach(route: MatrixRoute, caller: MatrixCaller): Promise<MatrixRow> {
    const isAboutRecords = [...route.parameters.values()].some((source) => typeof source !== 'string');
    const other = () => ask(route, caller, caller.other);
    if (!isAboutRecords) {
      const asked = await ask(route, caller, caller.self ?? caller.other);
      problems.push(...(await notCreator(route, caller, asked)));
      return rowOf(route, caller, outcome(asked), undefined);
    }
    const own = caller.self === undefined ? undefined : await ask(route, caller, caller.self);
    if (own !== undefined) problems.push(...notOwned(route, caller, own));
    await startAfresh();
    return rowOf(route, caller, own === undefined ? '' : outcome(own), outcome(await other()));
  }

  for (const route of routes) {
    for (const caller of callersOf(route)) {
      await startAfresh();
      rows.push({ caller, row: await (route.lists.length > 0 ? askForList : askForEach)(route, caller) });
    }
  }
  refuseProblems(problems);
  const text = table(rows);
  return Object.freeze({ rows: rows.map(({ row }) => row), toString: () => text });
}

function rowOf(route: MatrixRoute, caller: MatrixCaller, text: string, anothers: string | undefined): MatrixRow {
  return { route: route.name, caller: describeCaller(caller), outcome: text, anothers };
}

function outcome({ answer, decision }: Asked): string {
  if (decision.code !== undefined) return `${answer.status} ${decision.code}`;
  return [401, 403, 404].includes(answer.status) ? `${answer.status} by the handler` : String(answer.status);
}
