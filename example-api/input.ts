import { Problem } from './problem.js';

/** Reads one member of a body, or throws a `Problem` that names it. */
export type Field<T> = (value: unknown, name: string) => T;

/** Takes exactly these members out of a JSON body. A member too many is refused: it would be dropped in silence otherwise. */
export function readBody<T extends object>(body: unknown, fields: { readonly [K in keyof T]: Field<T[K]> }): T {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Problem(400, 'The body must be a JSON object, sent as application/json.');
  }
  const surplus = Object.keys(body).find((name) => !Object.hasOwn(fields, name));
  if (surplus !== undefined) {
    throw new Problem(400, `The body may have ${Object.keys(fields).join(', ')} and nothing else.`);
  }
  const given = body as Readonly<Record<string, unknown>>;
  const read = Object.entries<Field<unknown>>(fields).map(([name, field]) => [name, field(given[name], name)]);
  return Object.fromEntries(read) as T;
}

export const text =
  (longest: number): Field<string> =>
  (value, name) => {
    // PostgreSQL cannot store U+0000.
    if (typeof value !== 'string' || value.trim() === '' || value.length > longest || value.includes('\0')) {
      throw new Problem(400, `"${name}" must be a text of 1 to ${longest} characters.`);
    }
    return value;
  };

export const address: Field<string> = (value, name) => {
  if (typeof value !== 'string' || value.length > 254 || !/^[\w.+-]+@[\w-]+(\.[\w-]+)+$/.test(value)) {
    throw new Problem(400, `"${name}" must be a mail address.`);
  }
  return value.toLowerCase();
};

export const guid: Field<string> = (value, name) => {
  if (!isGuid(value)) {
    throw new Problem(400, `"${name}" must be a GUID.`);
  }
  return value.toLowerCase();
};

export const listOf =
  <T>(field: Field<T>, longest: number): Field<readonly T[]> =>
  (value, name) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > longest) {
      throw new Problem(400, `"${name}" must be a list of 1 to ${longest}.`);
    }
    return value.map((each) => field(each, name));
  };

export const optional =
  <T>(field: Field<T>): Field<T | undefined> =>
  (value, name) =>
    value === undefined ? undefined : field(value, name);

export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
}
