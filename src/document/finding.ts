/** Something that is wrong in a permissions document, or that is not enforced. None of it opens anything. */
export interface DocumentFinding {
  readonly code: /** The template cannot be read: it matches nothing. */
    | 'broken-template'
    /** What is said of a path or a path set cannot be read: it opens nothing. */
    | 'unreadable'
    /** A scheme that the permission does not have, or a method that is none: nothing is opened by it. */
    | 'unknown-scheme'
    | 'unknown-method'
    /** Two path sets of one permission demand different things of one operation: the permission does not open it. */
    | 'contradiction'
    /** What is also required is not in the document, or cannot be held by such callers: that way is closed. */
    | 'also-requires'
    /** Said to be the least privileged one for callers to whom the path set opens nothing. */
    | 'least-outside-path-set'
    /** No permission, or more than one, is said to be the least privileged one. Opens and closes nothing. */
    | 'no-least'
    | 'several-least'
    /** A permission of another type than `oAuth2`, which opens nothing; or an implicit one, which is demanded nevertheless. */
    | 'not-enforced'
    /** A consent text is missing: another one stands in for it. */
    | 'missing-text';
  /** The permission that it was found at; of several, all. */
  readonly permissions: readonly string[];
  /** The template as it is written; undefined where it is about the permission as a whole, or about a path set. */
  readonly path: string | undefined;
  readonly message: string;
}
