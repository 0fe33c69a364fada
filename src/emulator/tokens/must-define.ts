import { wrong } from '../wrong.js';

/** Throws unless an API defines every name. */
export function mustDefine(
  field: string,
  api: { readonly displayName: string },
  permissions: readonly { readonly value: string }[],
  names: readonly string[],
): void {
  const defined = permissions.map(({ value }) => value);
  const unknown = names.find((name) => !defined.includes(name));
  if (unknown !== undefined) {
    throw wrong(
      field,
      `${api.displayName} does not define ${JSON.stringify(unknown)}; it defines ${defined.join(', ') || 'none'}`,
    );
  }
}
