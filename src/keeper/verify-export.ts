/** Checks an export by itself: nothing of the ledger is needed, and no key. */
import { createHash } from 'node:crypto';
import { CHAIN_START, chainHash, type EntryKind } from '../domain/journal.ts';
import { isObject, type JsonObject, type JsonValue, sha256 } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { EXPORT_VERSION } from './export-session.ts';

/** What an export that is whole says of itself. Compare `head` with what the gateway chain says of the session. */
export interface Verified {
  readonly ledger: string;
  readonly session: string;
  readonly contents: string;
  /** How many entries its chain has, and the hash of the last. */
  readonly entries: number;
  readonly head: string;
}

/** Refuses with one sentence about the first thing that is wrong. `lines` with or without their newlines. */
export async function verifyExport(lines: AsyncIterable<string>): Promise<Result<Verified, string>> {
  const check = new ExportCheck();
  let number = 0;
  for await (const line of lines) {
    number += 1;
    const problem = check.follow(line.replace(/\n$/, ''));
    if (problem !== undefined) return refuse(`line ${number}: ${problem}`);
  }
  return check.end();
}

class ExportCheck {
  readonly #hash = createHash('sha256');
  #lines = 0;
  #opening: JsonObject | undefined;
  #session: JsonObject | undefined;
  #entry: JsonObject | undefined;
  #head = CHAIN_START;
  #seq = 0;
  #isOver = false;

  /** What is wrong with this line, if anything is. */
  follow(line: string): string | undefined {
    if (this.#isOver) return 'nothing may follow the last line';
    const record = parsed(line);
    if (record === undefined) return 'it is no JSON object';
    const problem = this.#read(record);
    this.#hash.update(`${line}\n`);
    this.#lines += 1;
    return problem;
  }

  end(): Result<Verified, string> {
    const [opening, session] = [this.#opening, this.#session];
    if (!this.#isOver || opening === undefined || session === undefined) return refuse('the export was cut off');
    return ok({
      ledger: String(opening['ledger']),
      session: String(opening['session']),
      contents: String(opening['contents']),
      entries: this.#seq,
      head: this.#head,
    });
  }

  #read(record: JsonObject): string | undefined {
    if (this.#opening === undefined) return this.#open(record);
    switch (record['record']) {
      case 'session':
        this.#session = record;
        return record['id'] === this.#opening['session'] ? undefined : 'it is another session than the first line says';
      case 'entry':
        return this.#follow(record);
      case 'content':
        return contentProblem(record, this.#entry);
      case 'policy':
        return policyProblem(record);
      case 'end':
        return this.#close(record);
      default:
        return undefined;
    }
  }

  #open(record: JsonObject): string | undefined {
    if (record['record'] !== 'export') return 'it is not the first line of an export';
    if (record['version'] !== EXPORT_VERSION) return `version ${JSON.stringify(record['version'])} is not known here`;
    this.#opening = record;
    return undefined;
  }

  #follow(record: JsonObject): string | undefined {
    const { seq, at, kind, call, body, hash } = record;
    if (seq !== this.#seq + 1) return `entry ${this.#seq + 1} is missing or out of its place`;
    const draft = {
      session: String(this.#opening?.['session']),
      at: at as number,
      kind: kind as EntryKind,
      call: (call as string | null) ?? undefined,
    };
    if (chainHash(this.#head, draft, seq, String(body)) !== hash) return `entry ${seq} was changed`;
    this.#head = String(hash);
    this.#seq = seq;
    this.#entry = record;
    return undefined;
  }

  #close(record: JsonObject): string | undefined {
    this.#isOver = true;
    if (this.#seq !== this.#session?.['entries'] || this.#head !== this.#session['head'])
      return 'the chain does not end where its head says';
    const digest = `sha256:${this.#hash.copy().digest('hex')}`;
    return record['lines'] === this.#lines && record['digest'] === digest ? undefined : 'a line before it was changed';
  }
}

function parsed(line: string): JsonObject | undefined {
  try {
    const value = JSON.parse(line) as JsonValue;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A content belongs to the entry before it, whose body has its digest. */
function contentProblem(content: JsonObject, entry: JsonObject | undefined): string | undefined {
  if (entry === undefined || content['seq'] !== entry['seq']) return 'it is the content of no entry before it';
  const digest = parsed(String(entry['body']))?.['digest'];
  if (digest === undefined || digest === sha256(String(content['text']))) return undefined;
  return `it is not what entry ${entry['seq']} has the digest of`;
}

/** A policy is named by the digest of its text and of those that it includes. */
function policyProblem({ digest, text, includes }: JsonObject): string | undefined {
  const included = (Array.isArray(includes) ? includes : []) as readonly JsonObject[];
  const texts = [text, ...included.map((one) => one['text'])];
  return sha256(texts.join('\n---\n')) === digest ? undefined : 'the policy is not what its digest says';
}
