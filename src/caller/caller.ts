import { inspect } from 'node:util';
import { type Authority, personalAccountsTenant, type TokenClaims } from '../token/index.js';
import { callerKind, type KindSource } from './caller-kind.js';
import type { Principal } from './principal.js';

/** Who asks: a user through a client, or a client as itself. Immutable. Its inspection and its JSON show no claim of a person. */
export type Caller = DelegatedCaller | ApplicationCaller;

interface CommonCaller {
  /** The directory object that acts. */
  readonly principal: Principal;
  readonly tenantId: string;
  /** The client that obtained the token (`azp`, `appid`). Whoever can sign in to a public client can obtain a token with its id. */
  readonly clientId: string;
  /** How the client proved itself to Entra (`azpacr`, `appidacr`); managed and federated identities count as `certificate`. */
  readonly clientAuthentication: 'none' | 'secret' | 'certificate' | 'unknown';
  /** How the kind is known. */
  readonly kindFrom: KindSource;
  /** Present where the claims say that an agent acts (Entra Agent ID). Their absence proves nothing. */
  readonly agent: Agent | undefined;
  /** `uti`: the id of the token, for logs; case-sensitive. */
  readonly tokenId: string | undefined;
  readonly tokenVersion: '1.0' | '2.0';
  /** Unix seconds. */
  readonly issuedAt: number;
  /** Unix seconds. */
  readonly expiresAt: number;
  /** Every claim of the verified token, frozen. Names, addresses and `sub` in it identify no one. Not enumerable. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** A user, through a client that was consented to. */
export interface DelegatedCaller extends CommonCaller {
  readonly kind: 'delegated';
  /** Delegated permissions (`scp`). */
  readonly scopes: readonly string[];
  /** App roles assigned to the user (`roles` of a user's token). Never an application permission, whatever their names. */
  readonly userRoles: readonly string[];
  /** Which account signed in: `unknown` for customers of External ID. */
  readonly account: 'work' | 'personal' | 'unknown';
  /** Whether the user is a guest of the tenant; undefined where the token does not say. */
  readonly guest: boolean | undefined;
}

/** A client as itself: a daemon, a job, a managed identity, an autonomous agent. */
export interface ApplicationCaller extends CommonCaller {
  readonly kind: 'application';
  /** Application permissions: app roles granted to the client (`roles` of an app-only token). */
  readonly appRoles: readonly string[];
}

/** Source: https://learn.microsoft.com/entra/agent-id/agent-token-claims */
export interface Agent {
  /** An agent as itself, an agent for a human, or an agent's own user account. */
  readonly acts: 'as-itself' | 'for-a-user' | 'as-its-user';
  /** The client id of the blueprint. For logs: to authorize by it would admit every agent of the blueprint. */
  readonly blueprintId: string | undefined;
}

export interface CallerOptions {
  /**
   * `'idtyp'`: applications are recognised by the `idtyp` claim only, and app-only tokens without it are refused. Users, whose
   * tokens usually lack the claim, are not concerned. Unset: the kind is inferred where the claims leave no other reading.
   */
  readonly applicationsMustProve?: 'idtyp';
}

/**
 * The caller of a verified token.
 *
 * @throws Refusal where the claims name no caller, or contradict themselves
 */
export function identifyCaller(
  claims: TokenClaims,
  accounts: Authority['accounts'],
  options: CallerOptions = {},
): Caller {
  const { kind, kindFrom } = callerKind(claims, options);
  const agent = agentOf(claims, kind);
  return Object.freeze(
    kind === 'application'
      ? new KnownApplication(claims, kindFrom, agent)
      : new KnownUser(claims, kindFrom, agent, accountOf(claims, accounts)),
  );
}

/**
 * What every caller has and can do. Printed, it shows no name, no object id of a person, and no permission text that a token
 * brought. The claims stay as they were written until someone reads them: most requests never do, and text is cheap to keep.
 * State: the claims, once they have been read.
 */
abstract class KnownCaller implements CommonCaller {
  abstract readonly kind: Caller['kind'];
  readonly principal: Principal;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientAuthentication: Caller['clientAuthentication'];
  readonly tokenId: string | undefined;
  readonly tokenVersion: '1.0' | '2.0';
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly #json: string;
  #claims: Readonly<Record<string, unknown>> | undefined;

  constructor(
    claims: TokenClaims,
    readonly kindFrom: KindSource,
    readonly agent: Agent | undefined,
  ) {
    this.principal = Object.freeze({ tenantId: claims.tenantId, objectId: claims.objectId });
    this.tenantId = claims.tenantId;
    this.clientId = claims.clientId;
    this.clientAuthentication = clientAuthentication(claims.clientAuthentication);
    this.tokenId = claims.tokenId;
    this.tokenVersion = claims.version;
    this.issuedAt = claims.issuedAt;
    this.expiresAt = claims.expiresAt;
    this.#json = claims.json;
  }

  get claims(): Readonly<Record<string, unknown>> {
    this.#claims ??= deepFreeze(JSON.parse(this.#json) as Record<string, unknown>);
    return this.#claims;
  }

  toJSON() {
    const { kind, kindFrom, tenantId, clientId, tokenId } = this;
    return { kind, kindFrom, tenantId, clientId, tokenId };
  }

  [inspect.custom]() {
    return this.toJSON();
  }
}

class KnownUser extends KnownCaller implements DelegatedCaller {
  readonly kind = 'delegated';
  readonly scopes: readonly string[];
  readonly userRoles: readonly string[];
  readonly guest: boolean | undefined;

  constructor(
    claims: TokenClaims,
    kindFrom: KindSource,
    agent: Agent | undefined,
    readonly account: DelegatedCaller['account'],
  ) {
    super(claims, kindFrom, agent);
    this.scopes = Object.freeze([...claims.scopes]);
    this.userRoles = Object.freeze([...claims.roles]);
    this.guest = isGuest(claims, account);
  }
}

class KnownApplication extends KnownCaller implements ApplicationCaller {
  readonly kind = 'application';
  readonly appRoles: readonly string[];

  constructor(claims: TokenClaims, kindFrom: KindSource, agent: Agent | undefined) {
    super(claims, kindFrom, agent);
    this.appRoles = Object.freeze([...claims.roles]);
  }
}

for (const each of [KnownCaller, KnownUser, KnownApplication]) Object.freeze(Object.freeze(each).prototype);

/** Without recursion: how deep claims nest is up to whoever issued them. */
function deepFreeze<T extends object>(whole: T): T {
  const found: object[] = [whole];
  for (const each of found) {
    for (const member of Object.values(Object.freeze(each))) {
      if (typeof member === 'object' && member !== null) found.push(member);
    }
  }
  return whole;
}

function clientAuthentication(value: string | undefined): Caller['clientAuthentication'] {
  if (value === '0') return 'none';
  if (value === '1') return 'secret';
  return value === '2' ? 'certificate' : 'unknown';
}

const agentIdentity = '11';
const agentUser = '13';

function agentOf(
  { actorFacets, subjectFacets, agentBlueprintId }: TokenClaims,
  kind: Caller['kind'],
): Agent | undefined {
  if (!actorFacets.includes(agentIdentity) && agentBlueprintId === undefined) return undefined;
  const acts = kind === 'application' ? 'as-itself' : subjectFacets.includes(agentUser) ? 'as-its-user' : 'for-a-user';
  return Object.freeze({ acts, blueprintId: agentBlueprintId });
}

function accountOf({ tenantId }: TokenClaims, accounts: Authority['accounts']): DelegatedCaller['account'] {
  if (tenantId === personalAccountsTenant) return 'personal';
  return accounts === 'work' ? 'work' : 'unknown';
}

const memberRelation = '1';
const guestRelation = '5';

/**
 * `acct` decides; then the relation to the tenant; then, for work accounts, whether another tenant or provider signed the
 * user in. Personal accounts and customers of External ID have providers of their own and are no guests for that.
 */
function isGuest(
  { acct, relations, identityProvider, issuer, tenantId }: TokenClaims,
  account: DelegatedCaller['account'],
): boolean | undefined {
  if (acct !== undefined) return acct === 1;
  if (relations.includes(guestRelation)) return true;
  if (relations.includes(memberRelation)) return false;
  if (identityProvider === undefined || account !== 'work') return undefined;
  return identityProvider !== issuer && !identityProvider.toLowerCase().includes(tenantId);
}
