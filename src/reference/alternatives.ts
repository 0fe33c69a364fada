import { describeGrant, type Grant } from '../permissions/index.js';

/** One way of being admitted to an operation: a kind of caller, and all that it must hold. */
export interface Alternative {
  readonly kind: Grant['kind'];
  /** All of these must be held. */
  readonly permissions: readonly string[];
  /** One of each `allow`. */
  readonly grants: readonly Grant[];
}

/**
 * The ways of being admitted where one grant of each `allow` must match: the ANDs of ORs of the routes as an OR of ANDs. Least
 * privileged first, as they are declared. A grant that is switched off opens nothing and is left out, and so is a way that
 * demands all that another one does, and more.
 */
export function alternativesOf(allows: readonly (readonly Grant[])[]): readonly Alternative[] {
  const [first, ...others] = allows.map((grants) => grants.filter((grant) => !isSwitchedOff(grant)));
  if (first === undefined) return [];
  const ways = others.reduce<readonly (readonly Grant[])[]>(
    (before, grants) => withoutRepetition(before.flatMap((way) => grants.flatMap((grant) => joined(way, grant)))),
    first.map((grant) => [grant]),
  );
  return ways.flatMap((grants) => {
    const [{ kind } = { kind: 'delegated' as const }] = grants;
    return [{ kind, grants, permissions: [...new Set(grants.flatMap(({ permissions }) => permissions))] }];
  });
}

/** A caller is of one kind and has one account: a way through grants of both is none. */
function joined(way: readonly Grant[], grant: Grant): readonly (readonly Grant[])[] {
  const isOther = ({ kind, account = grant.account }: Grant) =>
    kind !== grant.kind || (grant.account !== undefined && account !== grant.account);
  if (way.some(isOther)) return [];
  const isThere = way.some((each) => describeGrant(each) === describeGrant(grant));
  return [isThere ? way : [...way, grant]];
}

function withoutRepetition(ways: readonly (readonly Grant[])[]): readonly (readonly Grant[])[] {
  const described = ways.map((way) => new Set(way.map(describeGrant)));
  return ways.filter((_, index) => {
    const own = described[index] ?? new Set();
    return !described.some((other, place) => {
      const isPart = [...other].every((each) => own.has(each));
      return place !== index && isPart && (other.size < own.size || place < index);
    });
  });
}

function isSwitchedOff({ kind, permissions, userRole, catalogue }: Grant): boolean {
  return (
    permissions.some((name) => catalogue[name]?.[kind]?.enabled === false) ||
    (userRole !== undefined && catalogue[userRole]?.userRole?.enabled === false)
  );
}
