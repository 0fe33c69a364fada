import { stableGuid } from '../emulator/description/stable-guid.js';
import type { AccessTokenClaims } from '../emulator/tokens/issuance.js';

const blueprint = stableGuid('agent blueprint');

/** What an agent that acts as itself has beside an application's claims: `sub` is not `oid`. Source: https://learn.microsoft.com/entra/agent-id/agent-token-claims */
export function agentApplicationClaims(claims: AccessTokenClaims): Readonly<Record<string, unknown>> {
  return {
    ...agentOf(claims),
    sub: stableGuid('agent subject', String(claims.oid)),
    xms_sub_fct: '9 3 11',
  };
}

/** What a token says of an agent that acts for a user, or as the user account of its own. */
export function agentUserClaims(
  claims: AccessTokenClaims,
  acts: 'for-a-user' | 'as-its-user',
): Readonly<Record<string, unknown>> {
  return { ...agentOf(claims), ...(acts === 'as-its-user' && { xms_sub_fct: '3 13' }) };
}

function agentOf({ ver }: AccessTokenClaims): Readonly<Record<string, unknown>> {
  return {
    [ver === '1.0' ? 'appidacr' : 'azpacr']: '2',
    xms_act_fct: '3 9 11',
    xms_par_app_azp: blueprint,
  };
}
