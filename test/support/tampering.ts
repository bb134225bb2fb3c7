import { DatabaseSync } from 'node:sqlite';
import { expect } from 'vitest';

/** Replaces a text in the journal's entries of a kind, as whoever has the ledger's file in hands can. Returns what undoes it. */
export function tampered(ledger: string, kind: string, before: string, after: string): () => void {
  const put = (from: string, to: string): void => {
    const database = new DatabaseSync(ledger);
    const change = database.prepare(
      'UPDATE journal SET body = replace(body, ?, ?) WHERE kind = ? AND instr(body, ?) > 0',
    );
    const { changes } = change.run(from, to, kind, from);
    database.close();
    expect(Number(changes)).toBeGreaterThan(0);
  };
  put(before, after);
  return () => put(after, before);
}
