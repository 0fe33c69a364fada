/** What must be held beside a permission. */
export interface AlsoRequired {
  /** Any one of these, as a path's `AlsoRequires` says it. */
  readonly anyOf: readonly string[];
  /** More than a path can say: for `alsoRequires` of a path set. */
  readonly expression: string | undefined;
}

/** @param rests for each way of being admitted, what it demands beside the permission */
export function alsoRequired(rests: readonly (readonly string[])[]): AlsoRequired {
  if (rests.some((rest) => rest.length === 0)) return { anyOf: [], expression: undefined };
  if (rests.every((rest) => rest.length === 1)) return { anyOf: [...new Set(rests.flat())], expression: undefined };
  const terms = new Set(rests.map((rest) => (rest.length === 1 ? rest.join('') : `(${rest.join(' & ')})`)));
  const [only = ''] = terms;
  return { anyOf: [], expression: terms.size === 1 ? only.slice(1, -1) : [...terms].join(' | ') };
}
