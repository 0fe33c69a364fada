const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a value is a GUID in the form that Entra writes: five groups of hexadecimal digits, no braces. */
export function isGuid(value: unknown): value is string {
  return typeof value === 'string' && guid.test(value);
}
