/**
 * How the tables are read and written, whichever database keeps them. Statements are in the SQL that both databases
 * speak, with `?` for values. Within a transaction a statement sees what those before it wrote. A home with its file at
 * hand answers at once, one behind a socket later.
 */
export type Awaitable<T> = T | Promise<T>;

export type SqlValue = string | number | null | Uint8Array;

/** Columns by name, as the schema promises them. */
export type SqlRow = Readonly<Record<string, unknown>>;

export interface Sql {
  one(text: string, ...values: readonly SqlValue[]): Awaitable<SqlRow | undefined>;
  all(text: string, ...values: readonly SqlValue[]): Awaitable<readonly SqlRow[]>;
  /** May be on its way still when the promise resolves; one that fails fails the transaction. */
  run(text: string, ...values: readonly SqlValue[]): Awaitable<void>;
  /** All rows of a long answer, some at a time. */
  each(text: string, visit: (row: SqlRow) => void): Awaitable<void>;
  /** Ends a SELECT of rows that are about to be changed: nobody else changes them until this transaction ends. */
  readonly toChange: '' | ' FOR UPDATE';
  /** Nobody else passes here with the same key until this transaction ends. */
  lock(key: string): Awaitable<void>;
  /** Nobody passes `lock` with the same key until this transaction ends; others may share. */
  share(key: string): Awaitable<void>;
  /** Milliseconds since the epoch, by the clock that all who share the store have in common. */
  clock(): Awaitable<number>;
  /** The next number of a journal entry: greater than all before it in a chain whose head is locked. */
  nextEntry(): Awaitable<number>;
}
