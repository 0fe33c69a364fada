import { findState } from '../../express/index.js';
import { reachOf } from '../../permissions/index.js';
import type { TestDecision } from '../decision.js';
import type { Answer } from './exchange.js';
import { describeCaller, type MatrixCaller } from './matrix-callers.js';
import { isRule, type MatrixRoute } from './matrix-routes.js';
import { createdId, show } from './records.js';

/** An answer, and what the library decided before it was given. */
export interface Asked {
  readonly answer: Answer;
  readonly decision: TestDecision;
}

/** Answers that say more about the example, or the app, than about permissions. */
export function surprises(route: MatrixRoute, caller: MatrixCaller, { answer, decision }: Asked): string[] {
  const who = nameOf(route, caller);
  if (answer.status >= 500) return [`${who}: ${answer.status}\n${decision}`];
  if (decision.outcome === 'refused') {
    return decision.status === answer.status
      ? []
      : [`${who}: refused with ${decision.status}, but answered with ${answer.status}\n${decision}`];
  }
  if (decision.outcome === 'undeclared' && route.allows.length > 0) {
    return [`${who}: ${answer.status}, and the route was not reached\n${decision}`];
  }
  if (answer.status < 400 || [401, 403, 404].includes(answer.status)) return [];
  return [
    `${who}: let in, and then answered with ${answer.status}. Add or mend examples: { '${route.name}': … }.\n${show(answer.body)}`,
  ];
}

/** Whether a list shows what the reach says. */
export function disagreement(
  route: MatrixRoute,
  caller: MatrixCaller,
  { answer, decision }: Asked,
  shown: { readonly own: boolean; readonly anothers: boolean },
): string[] {
  const state = findState(answer.req);
  const asker = state?.caller;
  if (state === undefined || asker === undefined) return [];
  const reaches = route.lists.flatMap((rule) =>
    state.decisions.map((granted) => reachOf(asker, granted, rule, state.api.severalTenants)),
  );
  const { tenantId } = caller.other.principal;
  const isNarrow = reaches.some(
    (reach) => reach.kind !== 'all' && (reach.kind !== 'tenant' || reach.tenantId !== tenantId),
  );
  const names = route.lists.map(({ name }) => name).join(' and ');
  if (isNarrow && shown.anothers) {
    return [
      `${nameOf(route, caller)}: the answer shows a ${names} of another owner. The reach was read, but not applied.\n${decision}`,
    ];
  }
  if (caller.self !== undefined && !shown.own) {
    return [
      `${nameOf(route, caller)}: the answer does not show the caller's own ${names}. It is looked for by its id, on the first page, and made by records['${names}'] with the owner given.\n${decision}`,
    ];
  }
  return [];
}

/** Whether what was made does not belong to whoever made it. */
export async function notCreator(
  route: MatrixRoute,
  caller: MatrixCaller,
  { answer, decision }: Asked,
): Promise<string[]> {
  const granted = findState(answer.req)?.decisions.flatMap(({ grants }) => grants) ?? [];
  const rules = granted.flatMap(({ narrowing }) => (narrowing.kind === 'creates' ? narrowing.records : []));
  const id = createdId(answer);
  if (rules.length === 0 || answer.status >= 300 || id === undefined) return [];
  const [rule] = rules;
  const made = rules.length === 1 && rule !== undefined ? await rule.find(id, answer.req) : undefined;
  if (made === undefined || made === null || rule === undefined) return [];
  const { objectId, tenantId } = caller.self?.principal ?? caller.other.principal;
  const isOwner = rule
    .owners(made)
    .some((owner) => owner.objectId.toLowerCase() === objectId && owner.tenantId.toLowerCase() === tenantId);
  return isOwner
    ? []
    : [`${nameOf(route, caller)}: the caller does not own the ${rule.name} that it made.\n${decision}`];
}

/** Every text and number in a JSON value. */
export function found(value: unknown): ReadonlySet<string> {
  const values: unknown[] = [value];
  for (const each of values) {
    if (typeof each === 'object' && each !== null) values.push(...Object.values(each));
  }
  return new Set(values.filter((each) => typeof each === 'string' || typeof each === 'number').map(String));
}

/** What was not owned although it was made for the caller. */
export function notOwned(route: MatrixRoute, caller: MatrixCaller, { decision }: Asked): string[] {
  if (!decision.grants.some((each) => each.outcome === 'not-owner')) return [];
  const [{ name = 'record' } = {}] = [...route.parameters.values()].filter(isRule);
  return [
    `${nameOf(route, caller)}: the caller does not own the ${name} that was made for it. Add or mend records: { ${name}: async (owner) => the id of a new one with this owner }.\n${decision}`,
  ];
}

function nameOf(route: MatrixRoute, caller: MatrixCaller): string {
  return `${route.name}, ${describeCaller(caller)}`;
}
