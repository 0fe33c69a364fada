import { Refusal } from '../errors/index.js';
import { isGuid, personalAccountsTenant, type TokenClaims } from '../token/index.js';

/** How it is known whether a user or an application is calling: the `idtyp` claim said so, or the other claims leave no other reading. */
export type KindSource = 'idtyp' | 'inferred';

export interface CallerKind {
  readonly kind: 'delegated' | 'application';
  readonly kindFrom: KindSource;
}

/**
 * Whether a user or an application is calling, decided once and from the verified claims alone.
 *
 * | idtyp | scopes | else | |
 * |---|---|---|---|
 * | app | none | | application |
 * | user | some | | delegated |
 * | absent | some | oid ≠ sub | delegated |
 * | absent | none | oid = sub, a GUID; nothing names a user | application, inferred |
 *
 * Anything else is refused. Source: https://learn.microsoft.com/entra/identity-platform/optional-claims-reference (idtyp),
 * claims-validation#validate-the-actor, and agent-id/agent-token-claims.
 *
 * @throws Refusal `contradictory_kind`, `unknown_kind`, `agent_needs_idtyp`, `idtyp_required` or `personal_application`
 */
export function callerKind(
  claims: TokenClaims,
  { applicationsMustProve }: { applicationsMustProve?: 'idtyp' } = {},
): CallerKind {
  const found = claims.idtyp === undefined ? inferKind(claims) : declaredKind(claims);
  if (found.kind === 'application') {
    if (applicationsMustProve === 'idtyp' && found.kindFrom === 'inferred') throw new Refusal('idtyp_required');
    if (claims.tenantId === personalAccountsTenant) throw new Refusal('personal_application');
  }
  return found;
}

function declaredKind({ idtyp, scopes, namesAUser }: TokenClaims): CallerKind {
  if (idtyp === 'app') {
    if (scopes.length > 0 || namesAUser)
      throw new Refusal('contradictory_kind', { detail: 'idtyp is app, beside claims of a user.' });
    return { kind: 'application', kindFrom: 'idtyp' };
  }
  if (idtyp === 'user') {
    if (scopes.length === 0) throw new Refusal('contradictory_kind', { detail: 'idtyp is user, without a scope.' });
    return { kind: 'delegated', kindFrom: 'idtyp' };
  }
  throw new Refusal('unknown_kind', { detail: 'idtyp is neither app nor user.' });
}

function inferKind({
  scopes,
  objectId,
  subject,
  namesAUser,
  actorFacets,
  subjectFacets,
  agentBlueprintId,
}: TokenClaims): CallerKind {
  const isItsOwnSubject = isGuid(subject) && subject.toLowerCase() === objectId;
  if (scopes.length > 0) {
    if (isItsOwnSubject) throw new Refusal('contradictory_kind', { detail: 'oid equals sub, beside scopes.' });
    return { kind: 'delegated', kindFrom: 'inferred' };
  }
  if (isItsOwnSubject && !namesAUser) return { kind: 'application', kindFrom: 'inferred' };
  const isAgent = actorFacets.length > 0 || subjectFacets.length > 0 || agentBlueprintId !== undefined;
  throw new Refusal(isAgent ? 'agent_needs_idtyp' : 'unknown_kind');
}
