import type { Principal } from '../caller/index.js';
import { Problem } from '../express/index.js';
import { isGuid } from '../token/index.js';
import type { RevokedSubject } from './revocation.js';

/** Members of something that was sent or stored, which may be anything. */
export type Members = Readonly<Record<string, unknown>>;

/** @throws Problem where it is no object, or has another member: that would be dropped in silence */
export function readMembers(value: unknown, what: string, names: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Problem(400, `${what} must be a JSON object.`);
  if (Object.keys(value).some((name) => !names.includes(name)))
    throw new Problem(400, `${what} may have ${names.join(', ')} and nothing else.`);
  return value as Members;
}

/** @throws Problem */
export function readText(value: unknown, name: string, longest: number): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > longest)
    throw new Problem(400, `"${name}" must be a text of 1 to ${longest} characters.`);
  return value;
}

/** Anything larger is in milliseconds. */
const lastSecond = 9_999_999_999;

/** @throws Problem */
export function readSeconds(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > lastSecond)
    throw new Problem(400, `"${name}" must be a whole number of seconds since 1970, not of milliseconds.`);
  return value;
}

/** @throws Problem */
export function readPrincipal(value: unknown, name: string): Principal {
  const { tenantId, objectId } = readMembers(value, `"${name}"`, ['tenantId', 'objectId']);
  return Object.freeze({ tenantId: readGuid(tenantId, 'tenantId'), objectId: readGuid(objectId, 'objectId') });
}

/** How each kind of subject is named. */
const membersOf = {
  client: ['clientId'],
  principal: ['tenantId', 'objectId'],
  tenant: ['tenantId'],
  token: ['tokenId'],
  'agent-blueprint': ['blueprintId'],
} as const satisfies Record<RevokedSubject['kind'], readonly string[]>;

/** @throws Problem */
export function readSubject(value: unknown): RevokedSubject {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  if (typeof kind !== 'string' || !Object.hasOwn(membersOf, kind))
    throw new Problem(400, `"subject" must be an object whose kind is one of ${Object.keys(membersOf).join(', ')}.`);
  const names: readonly string[] = membersOf[kind as RevokedSubject['kind']];
  const members = readMembers(value, `A subject of kind ${kind}`, ['kind', ...names]);
  const read = names.map((name) => [
    name,
    name === 'tokenId' ? readText(members[name], name, 200) : readGuid(members[name], name),
  ]);
  return Object.freeze({ kind, ...Object.fromEntries(read) });
}

/** @throws Problem */
function readGuid(value: unknown, name: string): string {
  if (!isGuid(value)) throw new Problem(400, `"${name}" must be a GUID.`);
  return value.toLowerCase();
}
