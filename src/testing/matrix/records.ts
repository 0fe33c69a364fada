import type { RecordRule } from '../../permissions/index.js';
import type { Credentials, TestEntra } from '../create-test-entra.js';
import type { TestClient } from '../test-client.js';
import type { TestUser } from '../test-user.js';
import type { Answer, Exchange } from './exchange.js';
import { isRule, type MatrixRoute } from './matrix-routes.js';
import type { MatrixOptions, ParameterValue } from './permission-matrix.js';

type Owner = TestUser | TestClient;
type Source = ParameterValue | RecordRule<unknown>;

/**
 * The records that requests name. State: those that no handler has touched yet, which serve again: a request that was refused
 * changes nothing.
 */
export class Records {
  private readonly untouched = new Map<Source, Map<Owner, string>>();

  constructor(
    private readonly entra: TestEntra,
    private readonly exchange: Exchange,
    private readonly routes: readonly MatrixRoute[],
    private readonly options: MatrixOptions,
  ) {}

  /** The id of a record of an owner. */
  async idOf(source: Source, owner: Owner): Promise<string> {
    if (typeof source === 'string') return source;
    const known = this.untouched.get(source)?.get(owner);
    if (known !== undefined) return known;
    const made = await this.make(source, owner);
    const ofSource = this.untouched.get(source) ?? new Map<Owner, string>();
    this.untouched.set(source, ofSource.set(owner, made));
    return made;
  }

  /** A handler has run, and whatever it was given may have changed. */
  forget(): void {
    this.untouched.clear();
  }

  private async make(source: Exclude<Source, string>, owner: Owner): Promise<string> {
    if (!isRule(source)) return String(await source(owner.principal));
    const make = this.options.records?.[source.name];
    return make === undefined ? this.create(source, owner) : String(await make(owner.principal));
  }

  /** By the API's own route that creates one; by another caller where no route lets this one create any. */
  private async create(rule: RecordRule<unknown>, owner: Owner): Promise<string> {
    const creating = this.routes.filter(({ creates }) => creates.includes(rule));
    for (const route of creating) {
      const headers = this.creator(route, rule, owner);
      if (headers === undefined) continue;
      const answer = await this.exchange({
        ...question(route, route.path),
        headers: { ...route.example.headers, ...headers },
      });
      const id = answer.status < 300 ? createdId(answer) : undefined;
      if (id !== undefined) return id;
      throw new Error(
        `permissionMatrix: ${route.name} answered ${answer.status}, and no id of a new ${rule.name}. Add an example of its body, or records: { ${rule.name}: async (owner) => the id of a new one }.\n${show(answer.body)}`,
      );
    }
    const stand = owner.kind === 'user' ? this.entra.client('Creator') : undefined;
    if (stand !== undefined) return this.create(rule, stand);
    throw new Error(
      `permissionMatrix: no one can create a ${rule.name}. Add records: { ${rule.name}: async (owner) => the id of a new one }.`,
    );
  }

  private creator({ allows }: MatrixRoute, rule: RecordRule<unknown>, owner: Owner): Credentials | undefined {
    const grant = allows
      .flat()
      .find(
        ({ kind, narrowing }) =>
          narrowing.kind === 'creates' &&
          narrowing.records.includes(rule) &&
          (kind === 'application') === (owner.kind === 'client'),
      );
    if (grant === undefined) return undefined;
    const permissions = grant.permissions as never;
    const userRoles = (grant.userRole === undefined ? [] : [grant.userRole]) as never;
    return owner.kind === 'client'
      ? this.entra.asApplication(permissions, { client: owner })
      : this.entra.asUser(owner, permissions, { userRoles });
  }
}

/** The parts of a request that do not depend on the caller. */
export function question({ method, example }: MatrixRoute, path: string) {
  const query = example.query === undefined ? '' : `?${new URLSearchParams(example.query)}`;
  const body = typeof example.body === 'function' ? (example.body as () => unknown)() : example.body;
  return { method, path: `${path}${query}`, ...(body !== undefined && { body }) };
}

/** Where an answer says what was made: `id` of its body, or the end of `Location`. */
export function createdId({ body, headers }: Answer): string | undefined {
  const id = (body as { id?: unknown } | null)?.id;
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  const end = headers.location?.split('/').at(-1);
  return end === undefined || end === '' ? undefined : decodeURIComponent(end);
}

export function show(body: unknown): string {
  return (typeof body === 'string' ? body : JSON.stringify(body)).slice(0, 300);
}
