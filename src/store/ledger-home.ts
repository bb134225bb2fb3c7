import type { OperationName, Operations } from './operations.ts';

/** Where the operations are performed, each in a transaction. */
export interface LedgerHome {
  /** Resolves after the commit. Rejects with `LedgerFault`. */
  ask<Name extends OperationName>(name: Name, ask: Operations[Name]['ask']): Promise<Operations[Name]['answer']>;
  /** Performs what is queued, then closes. */
  close(): Promise<void>;
}
