/** A template of a path, read. */
export interface PathTemplate {
  readonly segments: readonly TemplateSegment[];
  /** The same for every spelling of one template: case and names of parameters do not count. */
  readonly key: string;
  /** Names of the parameters, in the order of the path. */
  readonly parameters: readonly string[];
}

/**
 * A literal, a parameter, a parameter before a colon (`{id}:`), or a call with parameters (`applications(appid={value})`).
 * The key is the same for each spelling, and no two kinds share one.
 */
export interface TemplateSegment {
  readonly kind: 'literal' | 'call' | 'colon' | 'parameter';
  readonly key: string;
}

/**
 * Reads a template as the paths of a permissions document have them. A slash at its end does not count.
 *
 * @returns what is wrong with it, in words, where it cannot be read
 */
export function readTemplate(text: string): PathTemplate | string {
  if (!text.startsWith('/')) return 'it must begin with a slash';
  const parameters: string[] = [];
  const segments: TemplateSegment[] = [];
  const path = text.length > 1 && text.endsWith('/') ? text.slice(0, -1) : text;
  for (const written of path === '/' ? [] : path.slice(1).split('/')) {
    const segment = readSegment(written, parameters);
    if (typeof segment === 'string') return segment;
    segments.push(segment);
  }
  return { segments, key: segments.map(({ key }) => `/${key}`).join('') || '/', parameters };
}

/** What RFC 3986 allows in a segment, without percent-encoding, `;` and parentheses other than a call without arguments. */
const literal = /^[\w\-.~!$&'*+,=:@]+(\(\))?$/;
const parameter = /^\{([^{}]+)\}(:?)$/;
const call = /^([\w\-.~$]+)\((.+)\)$/;
const argument = /^(?:([\w\-.~@]+)=)?('?)\{([^{}]+)\}\2$/;

function readSegment(text: string, parameters: string[]): TemplateSegment | string {
  if (text === '') return 'a segment is empty';
  if (text === '.' || text === '..') return `'${text}' is not a segment`;
  if (literal.test(text)) return { kind: 'literal', key: text.toLowerCase() };
  const [, name, colon] = parameter.exec(text) ?? [];
  if (name !== undefined) {
    parameters.push(name);
    return colon === ':' ? { kind: 'colon', key: '{}:' } : { kind: 'parameter', key: '{}' };
  }
  const [, callee, list] = call.exec(text) ?? [];
  const found = list?.split(',').map((each) => argument.exec(each));
  if (callee === undefined || found === undefined || !found.every((each) => each !== null)) {
    return `'${text}' is neither a name, nor {parameter}, {parameter}: or name(argument={parameter})`;
  }
  const names = found.map(([, argumentName]) => argumentName);
  if (names.includes(undefined) && names.length > 1) return `'${text}' has several arguments and not all have names`;
  parameters.push(...found.map(([, , , value = '']) => value));
  return { kind: 'call', key: callKey(callee, names) };
}

/** What calls of one function with the same arguments have in common; an argument without a name is undefined. */
export function callKey(callee: string, names: readonly (string | undefined)[]): string {
  const list = names.map((name) => (name === undefined ? '{}' : `${name}={}`)).join(',');
  return `${callee}(${list})`.toLowerCase();
}
