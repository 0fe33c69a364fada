/** What must be held beside a permission: all the names of any one of these. With nothing to hold, one empty list. */
export type Requirement = readonly (readonly string[])[];

export const nothingElse: Requirement = Object.freeze([Object.freeze([])]);

/** How many ways one requirement may have: `(A | B) & (C | D)` has four. */
const maxWays = 64;

/**
 * Reads a logical expression of permissions, such as `(User.Read | User.Read.All) & Group.Read`. `&` binds before `|`.
 *
 * @returns what is wrong with it, in words, where it cannot be read
 */
export function readRequirement(text: string): Requirement | string {
  const tokens = text.match(/[()&|]|[^\s()&|]+/g) ?? [];
  let at = 0;

  const anyOf = (): Requirement => {
    let ways = allOf();
    while (tokens[at] === '|') {
      at++;
      ways = [...ways, ...allOf()];
    }
    return ways;
  };
  const allOf = (): Requirement => {
    let ways = one();
    while (tokens[at] === '&') {
      at++;
      ways = both(ways, one());
    }
    return ways;
  };
  const one = (): Requirement => {
    const token = tokens[at++];
    if (token === '(') {
      const ways = anyOf();
      if (tokens[at++] !== ')') throw new SyntaxError('a parenthesis is not closed');
      return ways;
    }
    if (token === undefined || /^[)&|]$/.test(token)) throw new SyntaxError('a name is missing');
    return [[token]];
  };

  try {
    const ways = anyOf();
    return at < tokens.length ? `'${tokens[at]}' is one too many` : ways;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return error.message;
    throw error;
  }
}

/** Both of two requirements. @throws RangeError where that has too many ways */
export function both(one: Requirement, other: Requirement): Requirement {
  if (one.length * other.length > maxWays) throw new RangeError(`it can be met in more than ${maxWays} ways`);
  return one.flatMap((way) => other.map((rest) => [...new Set([...way, ...rest])]));
}

/** The same text for requirements that ask the same. */
export function requirementKey(requirement: Requirement): string {
  return [...new Set(requirement.map((way) => [...way].sort().join('&')))].sort().join('|');
}
