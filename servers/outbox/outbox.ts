/**
 * The outbox: drafts, and messages delivered into a local maildir at most once per `request_id`.
 *
 * Folder: `tmp/ new/ cur/` are the maildir. `sent/` holds one record per request_id, `drafts/` one file per draft; both are
 * named by the SHA-256 of the id, so that an id may be any text. `tmp/` belongs to the outbox alone while it has a record
 * of a message there.
 *
 * Sending, in this order, each step on the disk before the next:
 *   1. The whole message is written to `tmp/NAME`. Nothing is promised yet.
 *   2. The record, which says NAME and the content, is created at `sent/KEY` by `link`, which fails when it exists. It
 *      appears whole or not at all. From here the request_id is taken and the message accepted.
 *   3. `tmp/NAME` is renamed to `new/NAME`. This is the delivery.
 *
 * Why no message is delivered twice: a delivery is a rename out of `tmp/`, a name is made once, and only the one record
 * that won step 2 names it. Whoever renames second, in this process or another, finds nothing to rename. A link to `new/`
 * followed by an unlink would not do: a mail reader that moves the message to `cur/` in between makes room for a second one.
 *
 * After `kill -9` or a power cut:
 *   - before 2: no record. Nothing was accepted, the same request_id may be sent afresh. The orphan in `tmp/` is never
 *     looked at again; maildir readers sweep files there after 36 hours.
 *   - between 2 and 3: record, and `tmp/NAME` is there: accepted, not delivered. The next start finishes step 3 before it
 *     answers anything; so does a repeat of the request_id.
 *   - after 3: record, and no `tmp/NAME`: delivered. A repeat answers what the first call answered or would have.
 * So a caller that never got its answer may always repeat the same request_id, or ask `get_message` for it: `sent`,
 * `accepted` (a step 3 that failed or is under way elsewhere), or no such message. Whoever else empties `tmp/` between 2
 * and 3 makes an accepted message look sent.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { codeOf, createOnce, readIfPresent, syncFolder, writeDurably } from './durable.ts';
import { formatMessage, type Letter, problemOf } from './message.ts';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

const draftSchema = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  body: z.string(),
  /** When it was drafted or accepted, RFC 3339. */
  at: z.string(),
});
const recordSchema = draftSchema.extend({
  /** The Message-ID header, without angle brackets. */
  message_id: z.string(),
  /** The file's name in the maildir. */
  file: z.string(),
});
type Draft = Readonly<z.infer<typeof draftSchema>>;
type SentRecord = Readonly<z.infer<typeof recordSchema>>;

/** What `send` answers. */
interface Delivery {
  readonly request_id: string;
  readonly message_id: string;
  readonly file: string;
  /** When the message was accepted, RFC 3339. */
  readonly sent_at: string;
  /** True when an earlier call with this request_id and content sent it. */
  readonly repeated: boolean;
}

/** A draft, known by its draft_id, or a message, known by its request_id. */
type Stored = (Draft & { readonly status: 'draft' }) | (SentRecord & { readonly status: 'accepted' | 'sent' });

interface Summaries {
  /** Newest first, at most `MOST_LISTED`. */
  readonly messages: readonly Pick<Stored, 'id' | 'status' | 'to' | 'subject' | 'at'>[];
  readonly total: number;
}

const MOST_LISTED = 200;
/** Draft ids start so, request ids may not: one id means one message. */
const DRAFT_PREFIX = 'draft-';

interface Ports {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Unguessable text of letters, digits and hyphens, never the same twice. */
  readonly unique: () => string;
}

/** All methods throw where the disk fails them. */
export interface Outbox {
  draft(letter: Letter): Answer<{ readonly draft_id: string }>;
  send(requestId: string, letter: Letter): Answer<Delivery>;
  get(id: string): Answer<Stored>;
  list(): Summaries;
}

/** Opens `folder`, creating it when absent, and finishes what a crash left between acceptance and delivery. */
export function openOutbox(folder: string, { now, unique }: Ports): Outbox {
  for (const name of ['tmp', 'new', 'cur', 'drafts', 'sent']) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
  }
  syncFolder(folder);
  for (const record of all(folder, 'sent', recordSchema)) deliver(folder, record);
  return {
    draft(letter) {
      const problem = problemOf(letter);
      if (problem !== undefined) return refused(`${problem} Nothing was drafted.`);
      const id = `${DRAFT_PREFIX}${unique()}`;
      const { to, subject, body } = letter;
      const draft: Draft = { id, to, subject, body, at: new Date(now()).toISOString() };
      createOnce(pathOf(folder, 'drafts', id), join(folder, 'tmp', unique()), JSON.stringify(draft));
      syncFolder(join(folder, 'drafts'));
      return { ok: true, value: { draft_id: id } };
    },
    send(requestId, letter) {
      const reserved = requestId.startsWith(DRAFT_PREFIX);
      const problem = reserved ? `A request_id may not start with "${DRAFT_PREFIX}".` : problemOf(letter);
      if (problem !== undefined) return refused(`${problem} Nothing was sent.`);
      return repeated(folder, requestId, letter) ?? send(folder, requestId, letter, now(), unique());
    },
    get(id) {
      const record = read(pathOf(folder, 'sent', id), recordSchema);
      if (record !== undefined) return { ok: true, value: { ...record, status: statusOf(folder, record) } };
      const draft = read(pathOf(folder, 'drafts', id), draftSchema);
      if (draft !== undefined) return { ok: true, value: { ...draft, status: 'draft' } };
      return refused(`There is no message "${id}": it is no draft_id, and no message was accepted with it.`);
    },
    list() {
      const sent = all(folder, 'sent', recordSchema).map((record) => ({ ...record, status: statusOf(folder, record) }));
      const drafts = all(folder, 'drafts', draftSchema).map((draft) => ({ ...draft, status: 'draft' as const }));
      const stored = [...sent, ...drafts].sort((a, b) => (a.at < b.at ? 1 : -1));
      const messages = stored
        .slice(0, MOST_LISTED)
        .map(({ id, status, to, subject, at }) => ({ id, status, to, subject, at }));
      return { messages, total: stored.length };
    },
  };
}

/** The three steps of the file's head. */
function send(folder: string, requestId: string, letter: Letter, at: number, name: string): Answer<Delivery> {
  const { to, subject, body } = letter;
  const file = `${Math.floor(at / 1000)}.M${at % 1000}P${process.pid}R${name}.outbox`;
  const messageId = `${name}@localhost`;
  const accepted = { id: requestId, to, subject, body, at: new Date(at).toISOString() };
  const record: SentRecord = { ...accepted, message_id: messageId, file };
  const staged = join(folder, 'tmp', file);
  writeDurably(staged, formatMessage(letter, messageId, at));
  syncFolder(join(folder, 'tmp'));
  if (!createOnce(pathOf(folder, 'sent', requestId), `${staged}.record`, JSON.stringify(record))) {
    // Another process was first with this request_id: its record is the one that counts.
    rmSync(staged, { force: true });
    return repeated(folder, requestId, letter) ?? refused('The record of this request_id vanished. Nothing was sent.');
  }
  deliver(folder, record);
  return { ok: true, value: deliveryOf(record, false) };
}

/** The answer where this request_id was accepted before; undefined where it was not. */
function repeated(folder: string, requestId: string, letter: Letter): Answer<Delivery> | undefined {
  const record = read(pathOf(folder, 'sent', requestId), recordSchema);
  if (record === undefined) return undefined;
  if (record.to !== letter.to || record.subject !== letter.subject || record.body !== letter.body) {
    return refused(
      `The request_id "${requestId}" was used at ${record.at} for another message. Nothing was sent. ` +
        'A new message needs a new request_id.',
    );
  }
  deliver(folder, record);
  return { ok: true, value: deliveryOf(record, true) };
}

/** Step 3. Does nothing when it was done before, here or by another process. Throws where `new/` itself is missing. */
function deliver(folder: string, record: SentRecord): void {
  if (statusOf(folder, record) === 'sent') return;
  // Whoever delivers first makes sure of the record, which another process may have made a moment ago.
  syncFolder(join(folder, 'sent'));
  try {
    renameSync(join(folder, 'tmp', record.file), join(folder, 'new', record.file));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  syncFolder(join(folder, 'new'));
  syncFolder(join(folder, 'tmp'));
}

const statusOf = (folder: string, { file }: SentRecord): 'accepted' | 'sent' =>
  existsSync(join(folder, 'tmp', file)) ? 'accepted' : 'sent';

const deliveryOf = (record: SentRecord, repeated: boolean): Delivery => ({
  request_id: record.id,
  message_id: record.message_id,
  file: record.file,
  sent_at: record.at,
  repeated,
});

const refused = (error: string): { readonly ok: false; readonly error: string } => ({ ok: false, error });

const pathOf = (folder: string, kind: 'sent' | 'drafts', id: string): string =>
  join(folder, kind, `${createHash('sha256').update(id).digest('hex')}.json`);

function read<T>(path: string, schema: z.ZodType<T>): T | undefined {
  const text = readIfPresent(path);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

function all<T>(folder: string, kind: 'sent' | 'drafts', schema: z.ZodType<T>): readonly T[] {
  return readdirSync(join(folder, kind))
    .filter((name) => name.endsWith('.json'))
    .map((name) => read(join(folder, kind, name), schema))
    .filter((stored) => stored !== undefined);
}
