import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../errors/index.js';
import { routeTemplate } from '../express/index.js';
import type { PathTemplate } from './path-template.js';

/** A request as it was when it was decided. */
export interface Seen {
  readonly method: string | undefined;
  /** Where the router is mounted that it was in. */
  readonly baseUrl: string | undefined;
  readonly url: string | undefined;
  readonly route: unknown;
}

/** The template that was matched. */
export interface Matched {
  readonly path: string;
  readonly template: PathTemplate;
  /** Whether the document has a template with this key. */
  readonly isKnown: (key: string) => boolean;
}

type RoutedRequest = IncomingMessage & { readonly baseUrl?: string; readonly route?: { readonly path: unknown } };

export function seen(req: IncomingMessage): Seen {
  const { method, baseUrl, url, route } = req as RoutedRequest;
  return { method, baseUrl, url, route };
}

/**
 * What is wrong where a request has changed since it was decided, or Express has chosen a route that is not the one that was
 * matched:
 *
 * - one that is more particular: of `/sites/export` the document has said nothing, if it knows `/sites/{id}` alone;
 * - one that the document knows as something else: `/sites/:id`, registered before `/sites/export`, has been given what was
 *   decided as the latter;
 * - a regular expression, or one with optional text or a pattern in it (`/sites{/export}`), which cannot be compared.
 *
 * A route that is more general and that the document does not know is left alone: it may serve many of its paths.
 * NOT seen: what `app.use` mounts where Express does not keep its path: handlers, and on Express 4 the path of a router.
 */
export function findMismatch(req: IncomingMessage, before: Seen, matched: Matched): ConfigurationError | undefined {
  const { method, baseUrl = '', route } = before;
  const path = pathOf(before);
  if (req.method !== method || pathOf(req) !== path) {
    return new ConfigurationError(
      `The method or the path of a request was rewritten after it was decided as ${method} ${matched.path}. Put what rewrites it before enforce.`,
    );
  }
  const { route: chosen } = req as RoutedRequest;
  if (chosen === undefined || chosen === route) return undefined;
  const routes = (routeTemplate(req) ?? '').split(' | ').map((each) => each.split('/').slice(1));
  const asked = path.toLowerCase().split('/').slice(1);
  const base = baseUrl.split('/').length - 1;
  const isOther =
    [chosen.path].flat().some((each) => each instanceof RegExp || isPattern(String(each))) ||
    routes.some((each) => isMoreParticular(each, asked, base, matched) || isKnownAsAnother(each, matched));
  if (!isOther) return undefined;
  return new ConfigurationError(
    `${method} ${routeTemplate(req)} answers what was decided as ${matched.path}. Add its path to the document, register the more particular route first, or give the route allow(…).`,
  );
}

/** Whether a path has text that a request may lack, or a pattern: beside parameters and wildcards, with or without a modifier. */
function isPattern(path: string): boolean {
  const text = path.replaceAll(/\\.|[:*](?:[\p{ID_Start}$_][\p{ID_Continue}$]*|"[^"]*")[?*+]?(?!\()/gu, '');
  return /[?+()[\]]/.test(text) || /\{[^{}]*[^/{}*][^{}]*\}/.test(text);
}

/** Without the query and the slash at the end, wherever in nested routers the request is. */
function pathOf({ baseUrl = '', url = '' }: Partial<Pick<Seen, 'baseUrl' | 'url'>>): string {
  const [path = ''] = `${baseUrl}${url}`.split('?');
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** What takes up no certain number of segments. */
const unaligned = /[*{}?…]/;

/**
 * Whether a route has fixed text where a request's path was taken for a parameter. Segments are compared from both ends, up to
 * what varies in length.
 */
function isMoreParticular(
  route: readonly string[],
  asked: readonly string[],
  base: number,
  { template: { segments } }: Matched,
): boolean {
  const isFixed = (segment: string, place: number) => {
    const { kind = 'literal' } = segments[place - base] ?? {};
    const [text, isLiteral] = [keyOf(segment), !/(?<!\\)[:(]/.test(segment)];
    return kind !== 'literal' && isLiteral && text === asked[place];
  };
  const first = route.findIndex((each) => unaligned.test(each));
  const head = first === -1 ? route : route.slice(0, first);
  const tail = route.slice(route.findLastIndex((each) => unaligned.test(each)) + 1);
  return head.some(isFixed) || tail.some((each, index) => isFixed(each, asked.length - tail.length + index));
}

function isKnownAsAnother(route: readonly string[], { template, isKnown }: Matched): boolean {
  const own = route.slice(-template.segments.length || route.length);
  if (own.length < template.segments.length || own.some((each) => unaligned.test(each))) return false;
  const key = own.map((each) => `/${keyOf(each)}`).join('') || '/';
  return key !== template.key && isKnown(key);
}

/** A segment of an Express path as templates of a document have it for their key. */
function keyOf(segment: string): string {
  return segment.replaceAll(/\\(.)|:(?:[\w$]+|"[^"]*")/g, (_, escaped?: string) => escaped ?? '{}').toLowerCase();
}
