/**
 * What the ledger's two threads say to each other. The main thread asks in batches, one message each; the writer answers
 * each message in order, so that no operation needs a number.
 */
import type { Quotas } from '../../domain/retention.ts';
import type { Ask, Known, Role } from '../operations.ts';

/** `watch` and `rest` start and stop looking for what other processes wrote. */
export type ToWriter = readonly Ask[] | 'watch' | 'rest' | 'close';

export type Answer = { readonly value: unknown } | { readonly fault: string };

export type FromWriter =
  | { readonly kind: 'ready'; readonly instance: string }
  /** The store could not be opened. */
  | { readonly kind: 'unusable'; readonly fault: string }
  | {
      readonly kind: 'answers';
      readonly answers: readonly Answer[];
      /** Sessions that this batch entered or moved, as they stand after it. */
      readonly moved: readonly Known[];
      /** Keys of the holds and calls that this batch changed. */
      readonly changed: readonly string[];
      /** Another process wrote since the last batch: what is cached is void. */
      readonly foreign: boolean;
    }
  /** Another process wrote since the writer last looked, on behalf of those who wait. */
  | { readonly kind: 'foreign' };

export interface WriterSettings {
  readonly file: string;
  readonly contentKey: Uint8Array;
  readonly role: Role;
  readonly quotas?: Quotas;
}
