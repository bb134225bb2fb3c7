/** The main thread's end of the writer: gathers what is asked, posts it as one message, and hands the answers back. */
import { Worker } from 'node:worker_threads';
import { LedgerFault } from '../../domain/ports.ts';
import type { Ask, OperationName, Operations } from '../operations.ts';
import type { Answer, FromWriter, ToWriter, WriterSettings } from './messages.ts';

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: LedgerFault) => void;
}

/** So many operations are worth a batch of their own, whatever else is on its way. */
const ENOUGH = 32;

/** What changed: told before the promises of the same message resolve, and once more when the writer is gone. */
export type News = Exclude<FromWriter, { kind: 'ready' | 'unusable' }> | { readonly kind: 'ended' };

export class WriterThread {
  readonly #worker: Worker;
  readonly #told: (news: News) => void;
  /** In the order asked, which is the order of the answers. */
  readonly #waiting: Waiting[] = [];
  #queue: Ask[] = [];
  /** A batch is with the writer: what is asked meanwhile goes in the next one, so that load makes batches larger. */
  #flying = false;
  #ended: LedgerFault | undefined;
  readonly #exited: Promise<void>;

  private constructor(worker: Worker, told: (news: News) => void) {
    this.#worker = worker;
    this.#told = told;
    worker.on('message', (message: FromWriter) => this.#hear(message));
    worker.on('error', (error) => this.#end(`The ledger's writer broke: ${error.message}`));
    this.#exited = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#end('The ledger is closed.');
        resolve();
      });
    });
    worker.unref();
  }

  /** Resolves when the store is open. Rejects with `LedgerFault` when it cannot be. */
  static async start(
    settings: WriterSettings,
    told: (news: News) => void,
  ): Promise<{ readonly writer: WriterThread; readonly instance: string }> {
    const worker = new Worker(new URL('./writer.ts', import.meta.url), { workerData: settings, name: 'ledger' });
    const instance = await new Promise<string>((resolve, reject) => {
      worker.once('error', (error) => reject(new LedgerFault(`The ledger's writer did not start: ${error.message}`)));
      worker.once('message', (message: FromWriter) => {
        if (message.kind === 'ready') resolve(message.instance);
        else if (message.kind === 'unusable') reject(new LedgerFault(message.fault));
      });
      worker.once('exit', () => reject(new LedgerFault("The ledger's writer ended before it was ready.")));
    });
    worker.removeAllListeners('error');
    return { writer: new WriterThread(worker, told), instance };
  }

  ask<Name extends OperationName>(name: Name, ask: Operations[Name]['ask']): Promise<Operations[Name]['answer']> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const isFirst = this.#queue.length === 0 && !this.#flying;
    if (this.#waiting.length === 0) this.#worker.ref(); // an unanswered question keeps the process alive, nothing else
    this.#queue.push([name, ask] as Ask);
    if (isFirst) this.#gather(1);
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    }) as Promise<Operations[Name]['answer']>;
  }

  /** Whether to look for foreign writes. Throws when the writer is gone. */
  watch(on: boolean): void {
    if (on && this.#ended !== undefined) throw this.#ended;
    this.#worker.postMessage((on ? 'watch' : 'rest') satisfies ToWriter);
  }

  /** Runs what is queued, then ends the thread. */
  async close(): Promise<void> {
    this.#post();
    this.#worker.ref();
    this.#worker.postMessage('close' satisfies ToWriter);
    await this.#exited;
  }

  /** Posts once a turn of the event loop brings nothing more, or enough is queued: a batch costs as much as ten operations. */
  #gather(known: number): void {
    setImmediate(() => {
      const { length } = this.#queue;
      if (length > known && length < ENOUGH) this.#gather(length);
      else this.#post();
    });
  }

  #post(): void {
    if (this.#queue.length === 0 || this.#ended !== undefined) return;
    this.#worker.postMessage(this.#queue satisfies ToWriter);
    this.#queue = [];
    this.#flying = true;
  }

  #hear(message: FromWriter): void {
    if (message.kind === 'ready' || message.kind === 'unusable') return;
    this.#told(message);
    if (message.kind !== 'answers') return;
    const answered = this.#waiting.splice(0, message.answers.length);
    for (const [index, waiting] of answered.entries()) answer(waiting, message.answers[index]);
    if (this.#waiting.length === 0) this.#worker.unref();
    this.#flying = this.#waiting.length > this.#queue.length;
    if (!this.#flying && this.#queue.length > 0) this.#gather(this.#queue.length);
  }

  #end(why: string): void {
    this.#ended ??= new LedgerFault(why);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#ended);
    this.#told({ kind: 'ended' });
  }
}

function answer(waiting: Waiting, given: Answer | undefined): void {
  if (given !== undefined && 'value' in given) waiting.resolve(given.value);
  else waiting.reject(new LedgerFault(given?.fault ?? "The ledger's writer gave no answer."));
}
