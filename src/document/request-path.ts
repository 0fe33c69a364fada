import { callKey } from './path-template.js';

/** One segment of a request's path. */
export interface RequestSegment {
  /** As it was sent. */
  readonly raw: string;
  readonly decoded: string;
  /** As one would read it who decodes it and leaves out what follows a semicolon. */
  readonly plain: string;
}

/** What RFC 3986 allows in a path. Express reads some of what it forbids in two ways. */
const legalPath = /^\/(?:[\w\-.~!$&'()*+,;=:@/]|%[\dA-Fa-f]{2})*$/;
const forbidden = /[/\\\p{Cc}]/u;

/**
 * The segments of a path. One slash at its end does not count.
 *
 * Undefined where two readers could read two paths: an absolute URL, characters that must not be in one, empty segments, `.`
 * and `..`, encoded slashes, backslashes and control characters, and what does not decode to UTF-8. The query is not looked
 * at, but a `#` or a blank in it makes Express read the path in another way.
 */
export function readPath(url: string): readonly RequestSegment[] | undefined {
  const query = url.indexOf('?');
  const path = query === -1 ? url : url.slice(0, query);
  if (!legalPath.test(path) || /[\s#]/.test(url)) return undefined;
  if (path === '/') return [];
  const segments: RequestSegment[] = [];
  for (const raw of (path.endsWith('/') ? path.slice(1, -1) : path.slice(1)).split('/')) {
    const decoded = decode(raw);
    const plain = decoded?.includes(';') ? decoded.slice(0, decoded.indexOf(';')) : decoded;
    if (decoded === undefined || plain === undefined || plain === '' || plain === '.' || plain === '..')
      return undefined;
    segments.push({ raw, decoded, plain });
  }
  return segments;
}

function decode(raw: string): string | undefined {
  if (!raw.includes('%')) return raw;
  try {
    const decoded = decodeURIComponent(raw);
    return forbidden.test(decoded) ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/** A call in a path, as OData writes it: `applications(appId='1')`. */
export interface Call {
  readonly key: string;
  readonly values: readonly string[];
}

const callee = /^([\w\-.~$]+)\((.+)\)$/;
/** A name, and a value in quotes, in which quotes are doubled, or one that needs none. */
const argument = /^(?:([\w\-.~@]+)=)?(?:'((?:[^']|'')*)'|([^'(),=]+))(?:,|$)/;

/** @param raw as it was sent: quotes may be encoded, names and the other signs may not */
export function readCall(raw: string): Call | undefined {
  const [, name, list] = callee.exec(raw) ?? [];
  if (name === undefined || list === undefined) return undefined;
  const names: (string | undefined)[] = [];
  const values: string[] = [];
  let rest = list.replaceAll('%27', "'");
  while (rest !== '') {
    const [found, argumentName, quoted, bare] = argument.exec(rest) ?? [];
    if (found === undefined || (found.endsWith(',') && found === rest)) return undefined;
    const value = decode(quoted?.replaceAll("''", "'") ?? bare ?? '');
    if (value === undefined || value === '') return undefined;
    names.push(argumentName);
    values.push(value);
    rest = rest.slice(found.length);
  }
  return { key: callKey(name, names), values };
}
