import { type ManagementRequest, Problem } from '../express/index.js';

/**
 * The members of a JSON body.
 *
 * @throws Problem where it is no object, or has another member: that would be dropped in silence
 */
export function readBody<const N extends string>(
  { body }: ManagementRequest,
  ...names: readonly N[]
): Readonly<Partial<Record<N, unknown>>> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new Problem(400, 'The body must be a JSON object, sent as application/json.');
  if (Object.keys(body).some((name) => !(names as readonly string[]).includes(name)))
    throw new Problem(400, `The body may have ${names.join(', ')} and nothing else.`);
  return body as Readonly<Partial<Record<N, unknown>>>;
}

/** @throws Problem */
export function readText(value: unknown, name: string, longest = 200): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > longest || value.includes('\0'))
    throw new Problem(400, `"${name}" must be a text of 1 to ${longest} characters.`);
  return value;
}
