/** What a document says of a permission on a path: `least=DelegatedWork,Application;AlsoRequires=A,B`. */
export interface PathProperties {
  /** The schemes for which the permission is the least privileged one. */
  readonly least: readonly string[];
  /** Any one of these must be held as well; empty: nothing else. */
  readonly alsoRequires: readonly string[];
}

/** @returns what is wrong, in words, where it cannot be read: a word that is not known may be a demand */
export function readProperties(text: string): PathProperties | string {
  let least: readonly string[] | undefined;
  let alsoRequires: readonly string[] | undefined;
  for (const part of text.split(';')) {
    if (part.trim() === '') continue;
    const [key = '', ...rest] = part.split('=');
    const values = rest
      .join('=')
      .split(',')
      .map((value) => value.trim());
    const word = key.trim().toLowerCase();
    if (values.includes('')) return `'${part.trim()}' names nothing, or leaves out a name`;
    if (word === 'least' && least === undefined) least = values;
    else if (word === 'alsorequires' && alsoRequires === undefined) alsoRequires = values;
    else return `'${key.trim()}' is not known here, or is there twice: least and AlsoRequires are`;
  }
  return { least: least ?? [], alsoRequires: alsoRequires ?? [] };
}
