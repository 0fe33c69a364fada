import type { IncomingMessage } from 'node:http';
import { ConfigurationError } from '../../errors/index.js';
import { isAppOrRouter, type Middleware, settle } from '../../express/index.js';
import { type ApiDescription, describeApi, operationName, type ReferenceSource } from '../api-description.js';
import { permissionsDocument } from '../document/permissions-document.js';
import { readCaller } from '../explain/caller-description.js';
import { explain } from '../explain/explain.js';
import { type OpenApiSettings, openApi } from '../openapi/open-api.js';
import { type Answer, json, problem, send } from './answer.js';
import { assets } from './assets.js';
import { type LocalCallersOptions, localCallers } from './local-callers.js';
import { pageData } from './page-data.js';

/** Options of `permissionReference`. */
export interface PermissionReferenceOptions extends ReferenceSource {
  /** What the page is called. `Permissions` by default. */
  readonly title?: string;
  /** Offers the OpenAPI document beside the page. Left out: it is not offered. */
  readonly openApi?: OpenApiSettings | undefined;
  /** For development: callers of a local Entra to send real requests as. Left out: requests are explained, not sent. */
  readonly localEntra?: LocalCallersOptions | undefined;
}

/**
 * One web page: every operation and permission of the API, who may call what, and an explainer that decides for a described
 * caller as the API itself does. Mount it like a router, with a declaration of who may read it; without one it is refused, as
 * every handler is that declares nothing:
 *
 * ```ts
 * app.use('/permissions', publicRoute(), permissionReference({ app, permissions }));
 * ```
 *
 * The page asks nothing of other servers. The explainer takes a description, never a token, loads nothing and calls no function
 * of the application. The routes are read when the page is first asked for, so it may be mounted before them; it is not one of
 * them. With `localEntra` the page can fetch tokens of those callers, from pages of its own origin only, and send requests to the
 * API with them.
 *
 * State: the description of the API, once it was read.
 *
 * @throws ConfigurationError where an option is missing, or `localEntra` is none, or is given where `NODE_ENV` is neither `test`
 * nor `development`
 */
export function permissionReference(options: PermissionReferenceOptions): Middleware {
  const answer = answers(options);
  return function permissionReference(req, res, next) {
    settle(
      () => answer(req),
      (found) => (found === undefined ? next() : send(res, found)),
      next,
    );
  };
}

/** What there is to be answered. Undefined: it is not ours. */
function answers(options: PermissionReferenceOptions) {
  const { app, permissions, mounted = [], title = 'Permissions', openApi: settings, localEntra } = options;
  if (!isAppOrRouter(app) || typeof permissions?.catalogue !== 'object') {
    throw new ConfigurationError(
      'permissionReference({ app, permissions }): give it the Express app, and what definePermissions({ … }) returned.',
    );
  }
  const source = { app, permissions, mounted };
  const local = localEntra && localCallers(localEntra, permissions.catalogue);
  let described: ApiDescription | undefined;
  const api = () => {
    described ??= describeApi(source);
    return described;
  };
  const documents: Readonly<Record<string, () => object>> = {
    'permissions.json': () => permissionsDocument(source).document,
    ...(settings && { 'openapi.json': () => openApi({ ...settings, ...source }).document }),
  };
  const callers = local?.names ?? [];

  function get(req: IncomingMessage, file: string, query: URLSearchParams): Answer | undefined {
    if (file === 'explain') return answerExplanation(query, api());
    if (file === 'reference.json') {
      return json(pageData(api(), { title, documents: Object.keys(documents), root: rootFrom(req, app), callers }));
    }
    if (Object.hasOwn(documents, file)) return json(documents[file]?.());
    return assets.get(file);
  }

  async function token(req: IncomingMessage, query: URLSearchParams): Promise<Answer> {
    // Another site's page does not say so, nor does one that points its own host name at this machine.
    if (req.headers['sec-fetch-site'] !== 'same-origin' || !isFromThisMachine(req))
      return problem(403, 'Tokens are for the page alone.');
    const caller = await local?.choose(query.get('caller'));
    return caller === undefined ? problem(400, 'There is no such caller.') : json(caller);
  }

  return (req: IncomingMessage): Answer | undefined | Promise<Answer> => {
    const [path = '', text = ''] = (req.url ?? '').split('?', 2);
    const query = new URLSearchParams(text);
    if (req.method === 'POST') return path === '/token' && local !== undefined ? token(req, query) : undefined;
    if (req.method !== 'GET' && req.method !== 'HEAD') return undefined;
    return path === '/' ? (toFolder(req) ?? assets.get('index.html')) : get(req, path.slice(1), query);
  };
}

/** What is no browser can say anything in a header, but it cannot come from elsewhere and from here. */
function isFromThisMachine({ socket }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? '';
  return address === '::1' || address.startsWith('127.') || address.startsWith('::ffff:127.');
}

/** As Express leaves it: `url` is what follows the path of the mount. */
type Mounted = IncomingMessage & { readonly originalUrl?: string; readonly baseUrl?: string };

/** Where the app's own paths begin, seen from the page: it may be mounted in another, and behind a proxy. */
function rootFrom({ baseUrl = '' }: Mounted, app: object): string {
  const { path } = app as { path?(): unknown };
  const appPath = typeof path === 'function' ? String(path.call(app)) : '';
  return '../'.repeat(baseUrl.slice(appPath.length).split('/').length - 1) || './';
}

/** The page names its files relative to itself: `/permissions` goes on to `/permissions/`. */
function toFolder({ originalUrl = '/' }: Mounted): Answer | undefined {
  const [path = '/'] = originalUrl.split('?', 1);
  if (path.endsWith('/')) return undefined;
  return { status: 302, type: 'text/plain', body: '', location: `./${path.slice(path.lastIndexOf('/') + 1)}/` };
}

function answerExplanation(query: URLSearchParams, { operations, catalogue }: ApiDescription): Answer {
  const operation = operations.find((each) => operationName(each) === query.get('operation'));
  if (operation === undefined) return problem(400, 'operation must be one of this API, such as GET /users/:id.');
  const described = readCaller(query, catalogue);
  return typeof described === 'string' ? problem(400, described) : json(explain(operation, described));
}
