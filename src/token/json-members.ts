const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Whether an object in JSON has two members of one name at its top level, or two whose names differ only in case.
 * `JSON.parse` keeps the last of two in silence, and another reader of the same token may keep the first.
 *
 * @param json text that `JSON.parse` has accepted as an object
 * @param members what it made of it: of members of one name there is one left
 */
export function hasAmbiguousMembers(json: string, members: object): boolean {
  const names = Object.keys(members);
  return countMembers(json) !== names.length || hasTwinsInOtherCase(names);
}

function hasTwinsInOtherCase(names: readonly string[]): boolean {
  if (names.every((name) => name === name.toLowerCase())) return false;
  return new Set(names.map((name) => name.toLowerCase())).size !== names.length;
}

/** Members at the top level, by their colons. */
function countMembers(json: string): number {
  let count = 0;
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i);
    if (char === quote) i = closingQuote(json, i);
    else if (char === colon && depth === 1) count++;
    else if (char === 0x7b || char === 0x5b) depth++;
    else if (char === 0x7d || char === 0x5d) depth--;
  }
  return count;
}

function closingQuote(json: string, opening: number): number {
  let end = json.indexOf('"', opening + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end;
}

function isEscaped(json: string, position: number): boolean {
  let start = position;
  while (json.charCodeAt(start - 1) === backslash) start--;
  return (position - start) % 2 === 1;
}
