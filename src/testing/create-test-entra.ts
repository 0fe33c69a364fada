import { randomBytes } from 'node:crypto';
import { Clock } from '../emulator/clock.js';
import { Directory } from '../emulator/directory/directory.js';
import type { User } from '../emulator/directory/user.js';
import { documentAt, type Publisher } from '../emulator/documents.js';
import { KeyRing } from '../emulator/keys/key-ring.js';
import { signToken } from '../emulator/keys/sign-token.js';
import { applicationClaims } from '../emulator/tokens/application-claims.js';
import { type AccessTokenClaims, EXPIRES_IN, type Issuance } from '../emulator/tokens/issuance.js';
import { userClaims } from '../emulator/tokens/user-claims.js';
import { ConfigurationError } from '../errors/index.js';
import type { Catalogue, NameOf } from '../permissions/index.js';
import { isGuid, type TestAuthority } from '../token/index.js';
import { agentApplicationClaims, agentUserClaims } from './agent-claims.js';
import { type BadToken, badTokens } from './bad-tokens.js';
import { checkNames } from './check-names.js';
import { checkMembers, guidOption } from './check-options.js';
import type { TestDecision } from './decision.js';
import { type Matchers, matchersOf } from './matchers.js';
import { type ClientAccount, readTestClient, type TestClient, type TestClientOptions } from './test-client.js';
import { readTestUser, type TestUser, type TestUserOptions } from './test-user.js';
import { watchDecisions } from './watch-decisions.js';

export interface TestEntraOptions<C extends Catalogue> {
  /** The API's tenant, as `authenticate` is given it. Default: one of the range reserved for tests. */
  readonly tenant?: string;
  /** The API's client id, as `authenticate` is given it. Default: one for tests. */
  readonly clientId?: string;
  /** What `definePermissions` returned: the names that tokens may carry. */
  readonly permissions: { readonly catalogue: C };
  /** Further tenants, for an API that admits several. The first is `otherTenant`. Default: one of the range reserved for tests. */
  readonly otherTenants?: readonly string[];
  /** Of every token that does not say otherwise. Default 2. */
  readonly tokenVersion?: 1 | 2;
  /** `aud` of v1.0 tokens. Default `api://<client id>`. */
  readonly audience?: string;
}

/** What any token can be told. */
interface TokenOptions {
  readonly tokenVersion?: 1 | 2;
  /** Claims beside those that Entra would issue, or instead of them; `undefined` leaves one out. They are signed unchecked. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface ApplicationTokenOptions extends TokenOptions {
  /** Which client is calling, by name or as `client()` returned it. Default: one called `Client`. */
  readonly client?: string | TestClient;
  /** Whether the client is an agent that acts as itself. Default false. */
  readonly agent?: boolean;
}

export interface UserTokenOptions<C extends Catalogue> extends TokenOptions {
  /** App roles that were assigned to the user. Default: none. */
  readonly userRoles?: readonly NameOf<C, 'userRole'>[];
  /** The client through which the user acts. Default: a public one called `Portal`. */
  readonly client?: string | TestClient;
  /** That the client is an agent: one that acts for the user, or one whose own account the user is. */
  readonly agent?: 'for-a-user' | 'as-its-user';
}

/** For `.set(…)` of supertest, or as `headers` of any other client. */
export type Credentials = { readonly Authorization: string };

/** An Entra for one test file: it signs tokens on the spot and hands out its keys, without a network, a port or a mock. */
export interface TestEntra<C extends Catalogue = Catalogue> extends TestAuthority {
  readonly tenant: string;
  readonly clientId: string;
  readonly catalogue: C;
  /** A tenant that is not the API's own. */
  readonly otherTenant: string;
  /** Answers for discovery documents and key sets. The API calls it, not the test. */
  fetch(this: void, input: string | URL | Request): Promise<Response>;
  /** The user with a name: always the same one, with the options of the first time. */
  user(this: void, name: string, options?: TestUserOptions): TestUser;
  /** The client with a name: always the same one, with the options of the first time. */
  client(this: void, name: string, options?: TestClientOptions): TestClient;
  /** Credentials of a client as itself, with these application permissions; an empty list is a client that was granted none. */
  asApplication(
    this: void,
    permissions: NameOf<C, 'application'> | readonly NameOf<C, 'application'>[],
    options?: ApplicationTokenOptions,
  ): Credentials;
  /** Credentials of a user, through a client with these delegated permissions. */
  asUser(
    this: void,
    user: string | TestUser,
    scopes: NameOf<C, 'delegated'> | readonly NameOf<C, 'delegated'>[],
    options?: UserTokenOptions<C>,
  ): Credentials;
  /** Tokens that no route may accept, each with the answer that it gets. For `test.each`. */
  badTokens(this: void): readonly BadToken[];
  /** What the library decided about the request that a response of supertest, or of `node:http`, answers; undefined where it is not known. */
  decisionOn(this: void, response: unknown): TestDecision | undefined;
  /** For `expect.extend`, in vitest and Jest. */
  readonly matchers: Matchers;
}

const testTenant = '7e570000-0000-4000-8000-0000000000a0';
const otherTestTenant = '7e570000-0000-4000-8000-0000000000b0';
const testClientId = '7e570000-0000-4000-8000-0000000000c0';

/**
 * Makes an Entra for tests: in this process, synchronously, with a key of its own.
 *
 * The API under test verifies its tokens as it verifies those of Entra; nothing of the library is mocked. Not checked is what
 * Entra would check before it issues a token: whether the client may have the permission, whether the user consented. For that
 * there is `express-app-roles/emulator`. Where `NODE_ENV` is not `test` or `development`, `authenticate` refuses it.
 *
 * State: the users and clients that were named, the signing key, and for the last hundred connections which request they carry.
 *
 * @throws ConfigurationError where an option is unknown or no GUID
 * @throws Error where `NODE_ENV` is `production`
 *
 * @example
 * const entra = createTestEntra({ tenant, clientId, permissions });
 * const app = createApp({ tenant, clientId, testAuthority: entra });
 * await request(app).get('/mailboxes').set(entra.asApplication('Mailbox.ReadWrite.All')).expect(200);
 */
export function createTestEntra<const C extends Catalogue>(options: TestEntraOptions<C>): TestEntra<C> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error("A test Entra signs any token one asks for: it does not start where NODE_ENV is 'production'.");
  }
  const { tenant, clientId, otherTenant, tenants, catalogue, tokenVersion, audience } = readOptions(options);
  const origin = 'http://entra.localhost';
  const clock = new Clock();
  const directory = new Directory(
    tenants.map((tenantId, index) => ({ tenantId, displayName: `Tenant ${index}`, domain: `tenant${index}.test` })),
    clock,
  );
  const publisher: Publisher & { keys: KeyRing } = { origin, issuerOrigin: origin, directory, keys: new KeyRing() };
  const resources = { 1: registration(1), 2: registration(2) };
  const users = new Map<TestUser, User>();
  const clients = new Map<TestClient, ClientAccount>();
  const decisions = watchDecisions();

  function registration(version: 1 | 2) {
    return new Directory(directory.tenants, clock).applications.create({
      displayName: 'API',
      tenantId: tenant,
      clientId,
      requestedAccessTokenVersion: version,
      optionalClaims: [
        { name: 'idtyp', additionalProperties: ['include_user_token'] },
        { name: 'acct', additionalProperties: [] },
      ],
    });
  }

  function user(name: string, given?: TestUserOptions): TestUser {
    const known = find(users, name);
    if (known !== undefined && given === undefined) return known;
    const account = readTestUser(name, given ?? {}, tenant);
    if (known !== undefined) return sameOrThrow(known, users, account);
    const { tenantId, objectId } = account;
    const made: TestUser = Object.freeze({ kind: 'user', name, principal: Object.freeze({ tenantId, objectId }) });
    users.set(made, account);
    return made;
  }

  function client(name: string, given?: TestClientOptions): TestClient {
    const known = find(clients, name);
    if (known !== undefined && given === undefined) return known;
    const account = readTestClient(name, given ?? {}, tenant);
    if (known !== undefined) return sameOrThrow(known, clients, account);
    const { tenantId, objectId, clientId: id } = account.servicePrincipal;
    const principal = Object.freeze({ tenantId, objectId });
    const made: TestClient = Object.freeze({ kind: 'client', name, clientId: id, principal });
    clients.set(made, account);
    return made;
  }

  function issuance(tenantId: string, { servicePrincipal, authenticatedBy }: ClientAccount, version = tokenVersion) {
    const isManaged = servicePrincipal.servicePrincipalType === 'ManagedIdentity';
    return {
      issuerOrigin: origin,
      tenantId,
      clientId: servicePrincipal.clientId,
      clientAuthentication: authenticatedBy,
      resource: resources[versionOf(version)],
      audience,
      now: clock.seconds(),
      expiresIn: isManaged ? 24 * 3600 - 1 : EXPIRES_IN,
      tokenId: randomBytes(16).toString('base64url'),
    } satisfies Issuance;
  }

  function claimsOfApplication(
    permissions: string | readonly string[],
    given: ApplicationTokenOptions = {},
  ): AccessTokenClaims {
    checkMembers('asApplication', given, ['client', 'agent', 'tokenVersion', 'claims']);
    const roles = checkNames('asApplication', 'application', permissions, catalogue);
    const account = lookUp(clients, client, given.client ?? 'Client', 'client');
    const { servicePrincipal, authenticatedBy } = account;
    if (authenticatedBy === 'none') {
      throw new ConfigurationError(
        `asApplication: ${servicePrincipal.displayName} is a public client, and gets no token of its own.`,
      );
    }
    const issued = issuance(servicePrincipal.tenantId, account, given.tokenVersion);
    const claims = applicationClaims(issued, servicePrincipal, roles);
    return override({ ...claims, ...(given.agent === true && agentApplicationClaims(claims)) }, given.claims);
  }

  function claimsOfUser(
    who: string | TestUser,
    permissions: string | readonly string[],
    given: UserTokenOptions<Catalogue> = {},
  ): AccessTokenClaims {
    checkMembers('asUser', given, ['userRoles', 'client', 'agent', 'tokenVersion', 'claims']);
    const scopes = checkNames('asUser', 'delegated', permissions, catalogue);
    const userRoles = checkNames('asUser, userRoles', 'userRole', given.userRoles ?? [], catalogue);
    if (scopes.length === 0 && given.claims?.scp === undefined) {
      throw new ConfigurationError("asUser: Entra issues no user's token without a scope. Name one.");
    }
    const account = lookUp(users, user, who, 'user');
    const through = given.client ?? find(clients, 'Portal') ?? client('Portal', { authenticatedBy: 'none' });
    const issued = issuance(account.tenantId, lookUp(clients, client, through, 'client'), given.tokenVersion);
    const claims = userClaims(issued, account, scopes, userRoles);
    const ofAgent = given.agent === undefined ? {} : agentUserClaims(claims, given.agent);
    return override({ ...claims, ...ofAgent }, given.claims);
  }

  const credentials = (claims: AccessTokenClaims): Credentials => ({
    Authorization: `Bearer ${signToken(claims, publisher.keys.signing)}`,
  });

  return Object.freeze({
    tenant,
    clientId,
    otherTenant,
    catalogue,
    origin,
    fetch: async (input: string | URL | Request) =>
      answerDocument(publisher, new URL(input instanceof Request ? input.url : input)),
    user,
    client,
    asApplication: (permissions: string | readonly string[], given?: ApplicationTokenOptions) =>
      credentials(claimsOfApplication(permissions, given)),
    asUser: (who: string | TestUser, scopes: string | readonly string[], given?: UserTokenOptions<Catalogue>) =>
      credentials(claimsOfUser(who, scopes, given)),
    badTokens: () =>
      badTokens({
        origin,
        key: publisher.keys.signing,
        application: claimsOfApplication(namesOf(catalogue, 'application')),
        user: claimsOfUser('A user', [], { claims: { scp: namesOf(catalogue, 'delegated').join(' ') || 'Any.Scope' } }),
        nobody: claimsOfApplication([]),
      }),
    decisionOn: (response: unknown) => decisions.on(response),
    matchers: matchersOf((response) => decisions.on(response)),
  }) as TestEntra<C>;
}

function readOptions<C extends Catalogue>(options: TestEntraOptions<C>) {
  const known = ['tenant', 'clientId', 'permissions', 'otherTenants', 'tokenVersion', 'audience'];
  checkMembers('createTestEntra', options ?? {}, known);
  const { permissions, otherTenants = [otherTestTenant] } = options ?? {};
  if (typeof permissions?.catalogue !== 'object') {
    throw new ConfigurationError(
      'createTestEntra: permissions is missing. Give it what definePermissions({ … }) returned.',
    );
  }
  const tenant = guidOption('createTestEntra: tenant', options.tenant ?? testTenant);
  const clientId = guidOption('createTestEntra: clientId', options.clientId ?? testClientId);
  const others = otherTenants.map((each) => guidOption('createTestEntra: otherTenants', each));
  const [otherTenant = otherTestTenant] = others;
  return {
    tenant,
    clientId,
    otherTenant,
    tenants: [...new Set([tenant, ...others, otherTenant])],
    catalogue: permissions.catalogue,
    tokenVersion: versionOf(options.tokenVersion ?? 2),
    audience: options.audience ?? `api://${clientId}`,
  };
}

function versionOf(version: unknown): 1 | 2 {
  if (version === 1 || version === 2) return version;
  throw new ConfigurationError('tokenVersion must be 1 or 2.');
}

function namesOf(catalogue: Catalogue, kind: 'application' | 'delegated'): string[] {
  return Object.keys(catalogue).filter((name) => catalogue[name]?.[kind] !== undefined);
}

function find<T extends TestUser | TestClient>(all: ReadonlyMap<T, unknown>, name: string): T | undefined {
  return [...all.keys()].find((each) => each.name === name);
}

function sameOrThrow<T extends TestUser | TestClient, A>(known: T, all: ReadonlyMap<T, A>, account: A): T {
  if (JSON.stringify(all.get(known)) === JSON.stringify(account)) return known;
  throw new ConfigurationError(
    `${known.kind}('${known.name}') is there already, with other options: give this one another name.`,
  );
}

function lookUp<T extends TestUser | TestClient, A>(
  all: ReadonlyMap<T, A>,
  make: (name: string) => T,
  who: string | T,
  kind: 'user' | 'client',
): A {
  const { objectId, tenantId } = typeof who === 'string' ? make(who).principal : who.principal;
  const known = [...all.keys()].find(
    ({ principal }) => principal.objectId === objectId && principal.tenantId === tenantId,
  );
  const account = known && all.get(known);
  if (account === undefined) {
    throw new ConfigurationError(`Give a ${kind} by name, or as ${kind}('…') of the same test Entra returned it.`);
  }
  return account;
}

function override(claims: AccessTokenClaims, changes: Readonly<Record<string, unknown>> = {}): AccessTokenClaims {
  return { ...claims, ...changes };
}

function answerDocument(publisher: Publisher, url: URL): Response {
  const [, segment = ''] = url.pathname.split('/');
  const isServed =
    url.origin === publisher.origin &&
    (['common', 'organizations'].includes(segment) ||
      (isGuid(segment) && publisher.directory.tenant(segment) !== undefined));
  const found = isServed ? documentAt(publisher, url.pathname) : undefined;
  return found === undefined ? Response.json({ error: 'not_found' }, { status: 404 }) : Response.json(found);
}
