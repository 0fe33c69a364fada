/**
 * A path as Express 4 or 5 knows it, as URI templates of OpenAPI: `/users/:id` is `/users/{id}`, and one with something optional
 * is two. Undefined where no template says the same: regular expressions, and what repeats.
 */
export function uriTemplates(path: string): readonly string[] | undefined {
  if (expression.test(path.replaceAll(/:\w+\([^()]*\)/g, ''))) return undefined;
  const read = readSequence(path, 0);
  if (read === undefined || read.end < path.length) return undefined;
  return [...new Set(read.templates.map((template) => template || '/'))];
}

/** What the text of a regular expression has, and that of a path has not, those of its parameters aside. */
const expression = /\^|\\[A-Za-z0-9]|\$\/[a-z]*$/;

interface Sequence {
  readonly templates: readonly string[];
  readonly end: number;
}

const parameter = /:(?:"([^"]+)"|([\p{ID_Start}_$][\p{ID_Continue}$]*))(?:\([^()]*\))?(\?)?/uy;
const wildcard = /\*([\p{ID_Start}_$][\p{ID_Continue}$]*)?/uy;

/** Up to the end, or to the brace that closes a group. */
function readSequence(path: string, start: number): Sequence | undefined {
  let templates: readonly string[] = [''];
  let at = start;
  const append = (text: string) => {
    templates = templates.map((template) => template + text);
  };
  while (at < path.length && path[at] !== '}') {
    const character = path.charAt(at);
    const found = character === ':' ? match(parameter, path, at) : match(wildcard, path, at);
    if (character === '{') {
      const group = readSequence(path, at + 1);
      if (group === undefined || path[group.end] !== '}') return undefined;
      templates = templates.flatMap((template) => [template, ...group.templates.map((inner) => template + inner)]);
      at = group.end + 1;
    } else if (found !== undefined) {
      const [text, quotedOrRest, name, isOptional] = found;
      const before = templates.map((template) => template.replace(/\/$/, ''));
      append(`{${quotedOrRest ?? name ?? 'wildcard'}}`);
      if (isOptional !== undefined) templates = [...before, ...templates];
      at += text.length;
      if (character === ':' && '*+'.includes(path.charAt(at) || ' ')) return undefined;
    } else if (character === '\\' && at + 1 < path.length) {
      append(path.charAt(at + 1));
      at += 2;
    } else if ('()[]?+!:*|…'.includes(character)) {
      return undefined;
    } else {
      append(character);
      at += 1;
    }
  }
  return { templates, end: at };
}

function match(sticky: RegExp, path: string, at: number): RegExpExecArray | undefined {
  sticky.lastIndex = at;
  return sticky.exec(path) ?? undefined;
}
