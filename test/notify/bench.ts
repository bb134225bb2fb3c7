/** Where notifications are tried out: a ledger, receivers that really answer over HTTP, and a clock that only the test moves. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { NotifyEntry } from '../../src/document/notify-shape.ts';
import { notifyEntries, notifyShape } from '../../src/document/notify-shape.ts';
import { NO_PEOPLE } from '../../src/document/people-shape.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Placing } from '../../src/domain/placing.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { Secret } from '../../src/domain/secret.ts';
import { type Notify, type NotifyOptions, openNotify } from '../../src/notify/open-notify.ts';
import { openOutgoing } from '../../src/outgoing/outgoing.ts';
import { enter, held, placingOf, START, writeOf } from '../contract/ledger-bench.ts';
import { until } from '../support/downstream.ts';

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface HttpReceiver {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** How the next requests are answered: a status, or what the test does; 204 by default. */
  readonly answers: (number | ((response: ServerResponse) => void))[];
  /** And after these, by the path. */
  statusOf: (path: string) => number;
  /** Resolves when so many requests have been heard. */
  hears(count: number): Promise<void>;
}

export async function httpReceiver(): Promise<HttpReceiver> {
  const heard: Heard[] = [];
  const answers: HttpReceiver['answers'] = [];
  const receiver = {
    url: '',
    heard,
    answers,
    statusOf: () => 204,
    hears: (count: number) => until(() => heard.length >= count),
  } as HttpReceiver & { url: string };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      heard.push({ method, path, headers, body: Buffer.concat(pieces) });
      const answer = answers.shift() ?? receiver.statusOf(path);
      if (typeof answer === 'number') response.writeHead(answer).end();
      else answer(response);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}

/** Time that stands still until the test moves it; who waits for a moment is woken when it has come. */
export class TestClock {
  #at = START;
  readonly #waiting = new Set<{ readonly at: number; readonly wake: () => void }>();

  readonly now = (): number => this.#at;

  readonly after = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (milliseconds <= 0) return resolve();
      const waiting = { at: this.#at + milliseconds, wake: () => resolve() };
      this.#waiting.add(waiting);
      signal.addEventListener('abort', () => {
        this.#waiting.delete(waiting);
        reject(signal.reason);
      });
    });

  forward(milliseconds: number): void {
    this.#at += milliseconds;
    for (const waiting of [...this.#waiting]) {
      if (waiting.at > this.#at) continue;
      this.#waiting.delete(waiting);
      waiting.wake();
    }
  }

  /** Resolves when somebody waits for the moment that is so far away. */
  awaited(milliseconds: number): Promise<void> {
    return until(() => [...this.#waiting].some(({ at }) => at - this.#at === milliseconds));
  }
}

export const WEBHOOK_SECRET = `whsec_${Buffer.from('canary-webhook-secret-of-32-byte').toString('base64')}`;

/** Entries as the deployment's file says them. */
export const entriesOf = (...said: readonly object[]): readonly NotifyEntry[] => notifyEntries(notifyShape.parse(said));

export interface Started extends Notify {
  readonly reports: readonly string[];
  readonly faults: readonly unknown[];
}

/** The gateway's own part, over this ledger. References to secrets name members of `secrets`. */
export function start(
  ledger: Ledger,
  clock: TestClock,
  entries: readonly NotifyEntry[],
  changes: Partial<Omit<NotifyOptions, 'pushSecret'>> & { readonly secrets?: Readonly<Record<string, string>> } = {},
): Started {
  const reports: string[] = [];
  const faults: unknown[] = [];
  const secrets: Readonly<Record<string, string>> = { HOOK: WEBHOOK_SECRET, ...changes.secrets };
  // Whatever URL stands in an entry was written by the operator, as in the deployment's file.
  const outgoing = openOutgoing({ isWritten: () => true });
  const notify = openNotify({
    pushSecret: () => Buffer.alloc(32, 7),
    entries,
    people: NO_PEOPLE,
    ledger,
    outgoing,
    readSecret: async (reference) => {
      const text = secrets[reference.replace('env://', '')];
      return text === undefined ? refuse(`${reference} is not set`) : ok(new Secret(text));
    },
    origin: () => 'https://tools.example.com',
    now: clock.now,
    after: clock.after,
    random: () => 0.5,
    report: (line) => reports.push(line),
    fault: (error) => faults.push(error),
    ...changes,
  });
  notify.start();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= notify.close().then(() => outgoing.close());
    return closing;
  };
  onTestFinished(close);
  return { ...notify, close, reports, faults };
}

export async function hold(ledger: Ledger, at: number, changes: Partial<Placing> = {}): Promise<Hold> {
  const digest = `sha256:${randomBytes(8).toString('hex')}`;
  return held(ledger, placingOf(writeOf(await enter(ledger), { digest, at }), changes));
}
