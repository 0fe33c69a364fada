const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/**
 * Whether an object in JSON has two members of one name at its top level, or two whose names differ only in case.
 * `JSON.parse` keeps the last of two in silence, and another reader of the same token may keep the first.
 *
 * @param json text that `JSON.parse` has accepted as an object
 */
export function hasAmbiguousMembers(json: string): boolean {
  const names = new Set<string>();
  let depth = 0;
  for (let i = 0; i < json.length; i++) {
    const char = json.charCodeAt(i);
    if (char === 0x7b || char === 0x5b) depth++;
    else if (char === 0x7d || char === 0x5d) depth--;
    else if (char === quote) {
      const end = closingQuote(json, i);
      if (depth === 1 && isFollowedByColon(json, end)) {
        const name = memberName(json.slice(i, end + 1)).toLowerCase();
        if (names.has(name)) return true;
        names.add(name);
      }
      i = end;
    }
  }
  return false;
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

function isFollowedByColon(json: string, end: number): boolean {
  let next = end + 1;
  while (json.charCodeAt(next) <= 0x20) next++;
  return json.charCodeAt(next) === colon;
}

function memberName(quoted: string): string {
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
