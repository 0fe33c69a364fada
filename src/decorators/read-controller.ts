import type { Middleware } from '../express/index.js';
import { declaredMiddleware } from './declaration-of.js';
import { decorationsOf, type HttpMethod } from './decorations.js';
import type { RouteMethod } from './decorator-types.js';
import { type Member, membersOf } from './members.js';
import { isReplaced, replacedMessage } from './replaced.js';

/** A route of a controller. */
export interface ControllerRoute {
  /** `Mailboxes.read`, for messages. */
  readonly name: string;
  readonly method: HttpMethod;
  readonly path: string;
  readonly declaration: Middleware;
  readonly handler: RouteMethod;
}

export interface ReadController {
  readonly routes: readonly ControllerRoute[];
  /** Sentences that contain the fix. */
  readonly problems: readonly string[];
}

/** The routes of an object, its class's own before inherited ones, and what is wrong with it. */
export function readController(instance: object): ReadController {
  const type: unknown = Object.getPrototypeOf(Object(instance))?.constructor;
  const prefix = decorationsOf(type)?.prefix;
  const className = String(((typeof instance === 'function' ? instance : type) as { readonly name?: string })?.name);
  if (typeof type !== 'function' || prefix === undefined) {
    return problem(
      `${className}: controllers takes objects, new ${className}(…), of a class that has @Controller('/…') itself.`,
    );
  }
  const names = new Map<string | symbol, Member[]>();
  for (const member of membersOf(instance)) names.set(member.key, [...(names.get(member.key) ?? []), member]);
  const read = [...names.values()].map((members) => readMember(instance, prefix, members));
  const routes = read.flatMap((each) => each.routes);
  const problems = read.flatMap((each) => each.problems);
  if (routes.length + problems.length > 0) return { routes, problems };
  return problem(`${className}: no method has a route. Give one @Get('/…') or the like.`);
}

/** @param members of one name, the nearest first: the others are out of reach */
function readMember(instance: object, prefix: string, [member, ...hidden]: readonly Member[]): ReadController {
  if (member === undefined) return nothing;
  const type = Object.getPrototypeOf(instance).constructor;
  const name = `${type.name}.${String(member.key)}`;
  if (isReplaced(member)) return problem(`${type.name}: ${replacedMessage(String(member.key))}`);
  // What is kept on the object itself was not decorated as its method, whatever it is.
  const { routes = [], declaration: own } = (member.holder !== instance && decorationsOf(member.value)) || {};
  if (routes.length === 0) {
    if (hidden.some(({ value }) => decorationsOf(value) !== undefined)) {
      return problem(`${name} replaces a decorated method and inherits nothing of it. Decorate it anew.`);
    }
    return own === undefined
      ? nothing
      : problem(`${name} has @Allow or @Public, but no route. Give it @Get('/…') or the like.`);
  }
  const handler = member.value as RouteMethod;
  const declaration = declaredMiddleware(handler, type);
  if (declaration === undefined) {
    return problem(`${name} has a route, but no declaration. Give it @Allow(…) or @Public().`);
  }
  const mounted = routes.map(({ method, path }) => ({ name, method, path: join(prefix, path), declaration, handler }));
  return { routes: mounted, problems: [] };
}

const nothing: ReadController = { routes: [], problems: [] };

function problem(sentence: string): ReadController {
  return { routes: [], problems: [sentence] };
}

function join(prefix: string, path: string): string {
  return `${prefix.replace(/\/+$/, '')}${path === '/' ? '' : path}` || '/';
}
