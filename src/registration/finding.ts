/** Something to know about a declaration or a registration that no change by itself says. */
export interface Finding {
  /** The permission it is about. */
  readonly value: string;
  /** One or two sentences, with the way out. */
  readonly message: string;
  /** Whether Entra would refuse, or would not do what is declared: nothing is written before this is resolved. */
  readonly blocks: boolean;
}
