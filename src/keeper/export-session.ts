/** A session whole, as lines of JSON: what leaves the ledger and can be checked without it (`docs/retention.md`). */
import { createHash } from 'node:crypto';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { Ledger } from '../domain/ports.ts';
import type { Outline, Passage, StoredHold } from '../domain/retention.ts';

export const EXPORT_VERSION = 1;

export interface Export {
  /** Each ends with a newline. To be read once. Rejects with `LedgerFault`. */
  readonly lines: AsyncIterable<string>;
  /** What was exported: everything up to here. */
  readonly outline: Outline;
}

/** So many entries are read at a time. */
const PAGE = 200;

/** Undefined where there is no such session. The same lines each time, as long as nothing happens in it. */
export async function exportSession(
  ledger: Ledger,
  session: string,
  { contents }: { readonly contents: boolean },
): Promise<Export | undefined> {
  const outline = await ledger.outline(session);
  return outline && { outline, lines: closed(records(ledger, outline, contents)) };
}

async function* records(ledger: Ledger, outline: Outline, contents: boolean): AsyncGenerator<JsonObject> {
  const { session, entries, erased } = outline;
  yield {
    record: 'export',
    version: EXPORT_VERSION,
    ledger: ledger.instance,
    session: session.id,
    contents: erased ? 'erased' : contents ? 'included' : 'left out',
  };
  yield sessionRecord(outline);
  const digests = new Set<string>();
  for (let from = 0; from < entries.length; from += PAGE) {
    const page = await ledger.passages(session.id, entries.slice(from, from + PAGE), contents && !erased);
    for (const passage of page) {
      noteDigest(passage, digests);
      yield entryRecord(passage);
      if (passage.text !== undefined) yield contentRecord(passage, passage.text);
    }
  }
  for (const hold of outline.holds) yield holdRecord(hold);
  for (const policy of await ledger.policies([...digests])) yield { record: 'policy', ...policy };
}

/** With a last line that counts those before it and digests their bytes, so that a cut tail is noticed. */
async function* closed(written: AsyncIterable<JsonObject>): AsyncGenerator<string> {
  const hash = createHash('sha256');
  let lines = 0;
  for await (const record of written) {
    const line = `${JSON.stringify(record)}\n`;
    hash.update(line);
    lines += 1;
    yield line;
  }
  yield `${JSON.stringify({ record: 'end', lines, digest: `sha256:${hash.digest('hex')}` })}\n`;
}

const sessionRecord = ({ session, lineage, labels, used, extended, head }: Outline): JsonObject => ({
  record: 'session',
  id: session.id,
  principal: session.principal as unknown as JsonValue,
  profile: session.profile,
  named: session.named,
  folder: session.folder ?? null,
  lineage,
  state: session.state,
  opened_at: session.openedAt,
  labels,
  used,
  extended,
  entries: head.seq,
  head: head.hash,
});

const entryRecord = ({ seq, at, kind, call, body, hash }: Passage): JsonObject => ({
  record: 'entry',
  seq,
  at,
  kind,
  call: call ?? null,
  body,
  hash,
});

const contentRecord = ({ seq, reason }: Passage, text: string): JsonObject => ({
  record: 'content',
  seq,
  text,
  reason,
});

const holdRecord = (hold: StoredHold): JsonObject => ({
  record: 'hold',
  id: hold.id,
  principal: hold.principal as unknown as JsonValue,
  target: hold.target,
  digest: hold.digest,
  binding: hold.binding,
  effect: hold.effect,
  needs: hold.needs as unknown as JsonValue,
  rules: hold.rules,
  pin: hold.pin,
  state: hold.state,
  placed_at: hold.placedAt,
  expires_at: hold.expiresAt,
  decisions: hold.decisions as unknown as JsonValue,
  used_by: hold.usedBy,
});

/** The policy that an entry was written under. */
function noteDigest({ kind, body }: Passage, digests: Set<string>): void {
  if (kind !== 'intent') return;
  const { policy } = JSON.parse(body) as JsonObject;
  if (typeof policy === 'string') digests.add(policy);
}
