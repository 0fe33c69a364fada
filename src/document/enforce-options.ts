import type { IncomingMessage } from 'node:http';
import type { ApplicationCaller, DelegatedCaller } from '../caller/index.js';
import type { NameOf, NarrowName } from '../permissions/index.js';
import type { RecordUses, RecordUsesByKind } from './record-rules.js';

type Names<C> = NameOf<C, 'delegated'> | NameOf<C, 'application'>;

/** A demand of your own on every operation that a permission opens. */
export interface NamedCondition {
  /** What it is called in decisions and messages. */
  readonly name: string;
  /** Must return exactly `true`. `record` is the single one that the permission is limited to on the path, if it is. */
  readonly test: (facts: {
    readonly caller: DelegatedCaller | ApplicationCaller;
    readonly record: unknown;
    readonly req: IncomingMessage;
  }) => boolean;
}

/** What a document cannot say. Each is attached to a permission by its name. */
export interface EnforceOptions<C> {
  /**
   * Which records a permission opens. Required for each permission whose name ends in `OwnedBy` or `Selected`. A permission
   * that is named here needs an entry for each of its paths: what is not limited there must say `'any-record'`.
   */
  readonly records?: { readonly [N in Names<C>]?: RecordUses | RecordUsesByKind } & {
    readonly [N in Extract<Names<C>, NarrowName>]: RecordUses | RecordUsesByKind;
  };
  /** Demands of your own. They hold wherever the permission is demanded, beside another one too. */
  readonly conditions?: { readonly [N in Names<C>]?: NamedCondition };
}

/** `records` cannot be left out where a permission's name demands it. */
export type EnforceArguments<C> =
  Extract<Names<C>, NarrowName> extends never
    ? readonly [options?: EnforceOptions<C>]
    : readonly [options: EnforceOptions<C> & Required<Pick<EnforceOptions<C>, 'records'>>];
