import { isGuid } from '../../token/index.js';
import { wrong } from '../wrong.js';

/** Throws unless the value is an object with these fields only. */
export function onlyKnownFields(field: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(field || 'directory', 'must be an object');
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw wrong(field ? `${field}.${key}` : key, `unknown; the fields are ${known.join(', ')}`);
    }
  }
}

export function list<T>(field: string, value: readonly T[] | undefined): readonly T[] {
  if (!Array.isArray(value)) {
    throw wrong(field, 'must be a list');
  }
  return value;
}

/** Reads each element of a list, which may be left out. */
export function each<T, R>(
  field: string,
  values: readonly T[] | undefined,
  read: (field: string, value: T) => R,
): readonly R[] {
  return list(field, values ?? []).map((value, index) => read(`${field}[${index}]`, value));
}

export function text(field: string, value: unknown): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw wrong(field, 'must be a string, and not an empty one');
  }
  return value;
}

export function texts(field: string, values: readonly string[] | undefined): readonly string[] {
  return each(field, values, text);
}

export function yesOrNo(field: string, value: unknown, otherwise: boolean): boolean {
  if (value !== undefined && typeof value !== 'boolean') {
    throw wrong(field, 'must be true or false');
  }
  return value ?? otherwise;
}

export function oneOf<const T>(field: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) {
    throw wrong(field, `must be ${allowed.slice(0, -1).join(', ')} or ${allowed.at(-1)}`);
  }
  return found;
}

export function guid(field: string, value: unknown): string {
  if (!isGuid(value)) {
    throw wrong(field, 'must be a GUID, like 7e570000-0000-4000-8000-00000000000a');
  }
  return value.toLowerCase();
}

/** Throws where two elements of a list have the same value in a field. */
export function unique<K extends string>(field: string, key: K, values: readonly Readonly<Record<K, string>>[]): void {
  const seen = new Set<string>();
  for (const [index, value] of values.entries()) {
    if (seen.has(value[key])) {
      throw wrong(`${field}[${index}].${key}`, `${JSON.stringify(value[key])} is there twice`);
    }
    seen.add(value[key]);
  }
}
