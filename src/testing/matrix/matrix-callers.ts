import type { Grant } from '../../permissions/index.js';
import type { Credentials, TestEntra } from '../create-test-entra.js';
import type { TestClient } from '../test-client.js';
import type { TestUser } from '../test-user.js';
import type { MatrixRoute } from './matrix-routes.js';

/** Those whose records are made: what is "its own" for a caller, and what is "another's". */
export interface Cast {
  readonly user: TestUser;
  readonly otherUser: TestUser;
  readonly client: TestClient;
  readonly otherClient: TestClient;
}

/** One kind of caller of a route. */
export interface MatrixCaller {
  readonly kind: 'application' | 'user' | 'anonymous' | 'stranger';
  /** What it holds, where that is worth a line of its own. */
  readonly name: string;
  /** Holds nothing that any route asks for: "any other" is named after what befalls it. */
  readonly isOther: boolean;
  readonly headers: Partial<Credentials>;
  /** Who it is; undefined where it cannot own anything of this API's tenant. */
  readonly self: TestUser | TestClient | undefined;
  readonly other: TestUser | TestClient;
}

/** A scope that no API declares: a user's token always has one. */
const ofNoUse = 'Of.No.Use';

/** @returns for each route who calls it; tokens are signed once for all routes */
export function matrixCallers(entra: TestEntra, cast: Cast): (route: MatrixRoute) => readonly MatrixCaller[] {
  const names = (kind: 'application' | 'delegated' | 'userRole') =>
    Object.keys(entra.catalogue).filter((name) => entra.catalogue[name]?.[kind] !== undefined);
  const signed = new Map<string, Credentials>();
  const once = (key: string, sign: () => Credentials) => {
    const credentials = signed.get(key) ?? sign();
    signed.set(key, credentials);
    return credentials;
  };
  const { client, otherClient, user, otherUser } = cast;

  const application = (permissions: readonly string[]): MatrixCaller => ({
    kind: 'application',
    name: permissions.join(' and '),
    isOther: permissions.length === 0,
    headers: once(`application ${permissions}`, () => entra.asApplication(permissions as never, { client })),
    self: client,
    other: otherClient,
  });
  const delegated = (scopes: readonly string[], userRoles: readonly string[] = []): MatrixCaller => ({
    kind: 'user',
    name: `${scopes.join(' and ')}${userRoles.length === 0 ? '' : ` with user role ${userRoles.join(' and ')}`}`,
    isOther: false,
    headers: once(`user ${scopes} ${userRoles}`, () =>
      entra.asUser(user, scopes as never, { userRoles: userRoles as never }),
    ),
    self: user,
    other: otherUser,
  });
  const claims = { scp: ofNoUse, roles: [...names('application'), ...names('userRole')] };
  const pretender: MatrixCaller = {
    kind: 'user',
    name: 'no scope of this API, user roles named like every app role',
    isOther: true,
    headers: once('pretender', () => entra.asUser(user, [], { claims })),
    self: user,
    other: otherUser,
  };
  const { otherTenant: tenant } = entra;
  const stranger = (name: string, headers: Credentials): MatrixCaller => ({
    kind: 'stranger',
    name,
    isOther: false,
    headers,
    self: undefined,
    other: otherClient,
  });
  const everyScope = names('delegated').length === 0 ? { claims: { scp: ofNoUse } } : {};
  const fixed: readonly MatrixCaller[] = [
    ...names('application').map((name) => application([name])),
    application([]),
    ...names('delegated').map((name) => delegated([name])),
    pretender,
    { kind: 'anonymous', name: 'no token', isOther: false, headers: {}, self: undefined, other: otherClient },
    stranger(
      'another tenant: an application with every app role',
      entra.asApplication(names('application') as never, { client: entra.client(`Client of ${tenant}`, { tenant }) }),
    ),
    stranger(
      'another tenant: a user with every scope',
      entra.asUser(entra.user(`User of ${tenant}`, { tenant }), names('delegated') as never, everyScope),
    ),
  ];
  return ({ allows }) => {
    const together = combinations(allows).map((grants) =>
      grants[0]?.kind === 'application'
        ? application(permissionsOf(grants))
        : delegated(permissionsOf(grants), [...new Set(grants.flatMap(({ userRole }) => userRole ?? []))]),
    );
    const known = new Set(fixed.map(({ kind, name }) => `${kind} ${name}`));
    const added = new Map(together.map((each) => [`${each.kind} ${each.name}`, each] as const));
    return [...[...added].filter(([key]) => !known.has(key)).map(([, each]) => each), ...fixed];
  };
}

/** One grant of each `allow`, of one kind: what a caller needs who passes them all. */
function combinations(allows: readonly (readonly Grant[])[]): readonly (readonly Grant[])[] {
  const [first = [], ...others] = allows;
  return others.reduce<readonly (readonly Grant[])[]>(
    (chosen, grants) =>
      chosen.flatMap((each) => grants.filter(({ kind }) => kind === each[0]?.kind).map((grant) => [...each, grant])),
    first.map((grant) => [grant]),
  );
}

function permissionsOf(grants: readonly Grant[]): readonly string[] {
  return [...new Set(grants.flatMap(({ permissions }) => permissions))];
}

/** `application Mail.Read`, `no token`. */
export function describeCaller({ kind, name }: MatrixCaller): string {
  const text = name === '' ? 'without an app role' : name;
  return kind === 'application' || kind === 'user' ? `${kind} ${text}` : text;
}
