/**
 * Every "no" of this library, in one list: its status, the OAuth error code it carries (RFC 6750 section 3.1) and the one
 * sentence a client may see. The sentences are constants, so nothing that a caller sent is ever quoted back.
 */
const refusals = {
  // No credential, or one that is not well formed (RFC 6750 section 3.1)
  no_credential: [401, undefined, 'An access token is required: send "Authorization: Bearer <token>".'],
  malformed_credential: [400, 'invalid_request', 'The Authorization header is not "Bearer" followed by one token.'],
  repeated_credential: [400, 'invalid_request', 'More than one Authorization header was sent: send exactly one.'],
  several_credentials: [
    400,
    'invalid_request',
    'The token was sent both in the Authorization header and in the form: send it once.',
  ],
  oversized_credential: [400, 'invalid_request', 'The bearer token is larger than 32768 characters.'],

  // Not a token that this API can use
  not_a_jwt: [401, 'invalid_token', 'The bearer token is not a signed JWT of three base64url segments.'],
  encrypted_token: [401, 'invalid_token', 'The token is encrypted (five segments): this API takes signed tokens only.'],
  algorithm_not_allowed: [401, 'invalid_token', 'The token is not signed with RS256.'],
  critical_header: [401, 'invalid_token', 'The token header has a crit member: no extension is understood here.'],
  embedded_key: [401, 'invalid_token', 'The token header brings its own key (jwk, jku, x5u or x5c).'],
  not_typ_jwt: [401, 'invalid_token', 'The token header says another type than JWT.'],
  missing_key_id: [401, 'invalid_token', 'The token header has no usable kid.'],
  graph_token: [
    401,
    'invalid_token',
    'The token is for Microsoft Graph: request a token for this API (api://.../.default).',
  ],
  duplicate_member: [401, 'invalid_token', 'The token has two members of one name, or names that differ only in case.'],
  id_token: [401, 'invalid_token', 'The token is an ID token: send an access token for this API.'],
  bound_token: [401, 'invalid_token', 'The token is bound to a key (cnf): it cannot be used as a plain bearer token.'],
  invalid_claim: [401, 'invalid_token', 'A claim of the token is missing or has the wrong type.'],
  wrong_issuer: [401, 'invalid_token', 'The issuer of the token is not one this API trusts.'],
  wrong_tenant: [401, 'invalid_token', 'The tenant of the token is not admitted by this API.'],
  wrong_audience: [401, 'invalid_token', 'The token is for another resource: request a token for this API.'],
  expired: [401, 'invalid_token', 'The token has expired.'],
  not_yet_valid: [401, 'invalid_token', 'The token is not valid yet.'],
  unknown_key: [401, 'invalid_token', 'The token is signed with a key that the authority does not publish.'],
  wrong_key_issuer: [401, 'invalid_token', 'The signing key of the token belongs to another issuer.'],
  bad_signature: [401, 'invalid_token', 'The signature of the token is not valid.'],

  // A good signature, but no caller that can be told
  contradictory_kind: [401, 'invalid_token', 'The token contradicts itself about being a user or an application.'],
  unknown_kind: [
    401,
    'invalid_token',
    'The token says neither that a user nor that an application is calling. An agent needs the claim idtyp.',
  ],
  agent_needs_idtyp: [
    401,
    'invalid_token',
    'An agent must be recognisable: the API registration must ask for the optional claim idtyp.',
  ],
  idtyp_required: [
    401,
    'invalid_token',
    'An application must be recognisable: the API registration must ask for the optional claim idtyp.',
  ],
  personal_application: [401, 'invalid_token', 'The personal-accounts tenant has no application access.'],

  no_permission: [
    401,
    'invalid_token',
    'The token carries no permission of this API: neither a delegated one (scp) nor an app role (roles).',
  ],
  denied: [401, 'invalid_token', 'This caller has been shut out of the API.'],

  // A caller, but not with what the operation demands
  kind_not_accepted_application: [403, 'insufficient_scope', 'This operation does not accept application callers.'],
  kind_not_accepted_delegated: [403, 'insufficient_scope', 'This operation does not accept users.'],
  missing_scope: [403, 'insufficient_scope', 'The token lacks a delegated permission (scp) of this operation.'],
  missing_app_role: [
    403,
    'insufficient_scope',
    'The client lacks an application permission (roles) of this operation: an admin must grant it.',
  ],
  missing_user_role: [403, undefined, 'The user lacks a role of this operation.'],
  permission_disabled: [403, undefined, 'The permission is switched off in this API.'],
  personal_account: [403, undefined, 'The permission cannot be used with a personal account.'],
  work_account: [403, undefined, 'The permission can be used here with a personal account only.'],
  not_owner: [403, undefined, 'The permission covers only records that the caller owns.'],
  not_selected: [403, undefined, 'The permission covers only records that were granted to the client.'],
  out_of_scope: [403, undefined, 'The permission covers only records of the scopes that the client is assigned to.'],
  condition_failed: [403, undefined, 'A condition of this operation is not met.'],
  not_found: [404, undefined, 'There is no such record.'],
  unknown_operation: [404, undefined, 'This API has no such operation.'],
  unknown_method: [405, undefined, 'This path does not have the method: Allow names those it has.'],

  // Ours to repair, not the caller's
  keys_unavailable: [503, undefined, 'The signing keys of the authority cannot be had at the moment: try again later.'],
  revocations_unavailable: [503, undefined, 'The list of revocations cannot be had at the moment: try again later.'],
} as const satisfies Record<
  string,
  readonly [number, 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined, string]
>;

/** Stable names of the refusals, for clients, logs and tests. */
export type RefusalCode = keyof typeof refusals;

const brand = Symbol.for('express-app-roles.refusal');

/**
 * A request that was refused. `status`, `code` and `message` may be shown to the client; `headers` carries the challenge
 * or `Retry-After`, and Express's default handler sends status and headers unaided.
 *
 * An answer, not an accident: it is an `Error` without a stack, which would cost more than the refusal itself and fill logs.
 */
export class Refusal implements Error {
  declare readonly name: 'Refusal';
  /** The one sentence of its code. */
  declare readonly message: string;
  readonly status: number;
  /** The same as `status`: some frameworks read this name. */
  readonly statusCode: number;
  readonly code: RefusalCode;
  /** The OAuth error code of the challenge (RFC 6750 section 3.1); none where a retry with another token is no cure. */
  readonly error: string | undefined;
  /** Response headers; filled in where the refusal meets the response. */
  headers: Record<string, string | string[]> = {};
  readonly #detail: string | undefined;
  /** Seconds after which a retry makes sense, for 503 (RFC 9110 section 10.2.3). */
  readonly retryAfter: number | undefined;

  constructor(code: RefusalCode, { detail, retryAfter }: { detail?: string; retryAfter?: number } = {}) {
    const [status, error] = refusals[code];
    this.status = status;
    this.statusCode = status;
    this.code = code;
    this.error = error;
    this.retryAfter = retryAfter;
    this.#detail = detail;
  }

  /** For the log only, never for the client: which claim, which rule. Names and constants, no value of a token. */
  get detail(): string | undefined {
    return this.#detail;
  }

  get [brand](): true {
    return true;
  }
}

Object.setPrototypeOf(Refusal.prototype, Error.prototype);
Object.defineProperties(Refusal.prototype, {
  name: { value: 'Refusal' },
  message: {
    get(this: Refusal) {
      return refusals[this.code][2];
    },
  },
});

/** Whether an error is a refusal of this library, whichever copy of it (ESM or CommonJS) made it. */
export function isRefusal(error: unknown): error is Refusal {
  return typeof error === 'object' && error !== null && (error as { [brand]?: unknown })[brand] === true;
}
