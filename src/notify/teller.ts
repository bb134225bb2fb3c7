/**
 * The teller: follows the ledger, tells receivers what waits for a person, and reminds them on silence. What was told is the
 * ledger's to know, so a restart neither forgets nor repeats, and of several replicas one tells. No call waits for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Awaiting, Notification, Told } from '../domain/notification.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { type Due, dutiesOf, waitAfter } from './due.ts';
import type { Channel, Receiver, Sent } from './receiver.ts';

/** Milliseconds. What another replica tries is looked at again then. */
const ELSEWHERE_FOR = 15_000;
/** The longest without a look: clocks are set, and machines sleep. */
const LONGEST = 60_000;
/** After a fault of the ledger. */
const AGAIN = 1_000;

export interface TellerOptions {
  readonly ledger: Pick<Ledger, 'telling' | 'changed'>;
  readonly channels: readonly Channel[];
  readonly linkTo: (awaiting: Pick<Awaiting, 'occasion' | 'id'>) => string;
  readonly now: Now;
  /** Resolves after so many milliseconds; what `signal` aborts rejects. */
  readonly after?: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly report: (line: string) => void;
  readonly fault: (error: unknown) => void;
}

const quietly = (milliseconds: number, signal: AbortSignal) => sleep(milliseconds, undefined, { signal, ref: false });

export class Teller {
  readonly #options: Required<TellerOptions>;
  readonly #closed = new AbortController();
  /** Receivers that are being told something, by key. */
  readonly #telling = new Map<string, Promise<void>>();
  readonly #elsewhere = new Map<string, number>();
  /** Told of, waiting no more, and not said so yet. */
  #gone: readonly Told[] = [];
  #ready = Promise.withResolvers<void>();
  #following: Promise<void> = Promise.resolve();

  constructor(options: TellerOptions) {
    this.#options = { after: quietly, random: Math.random, ...options };
  }

  start(): void {
    this.#following = this.#follow();
  }

  /** What is being told is left to the next start, or to another replica. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#following;
    await Promise.all(this.#telling.values());
  }

  /** Listens before it looks, so that nothing falls between the two. */
  async #follow(): Promise<void> {
    const { ledger, after, now, fault } = this.#options;
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const enough = new AbortController();
      const until = AbortSignal.any([signal, enough.signal]);
      this.#ready = Promise.withResolvers<void>();
      try {
        const changed = ledger.changed('holds', until);
        changed.catch(() => undefined); // where looking fails first, nobody waits for it
        const next = await this.#look();
        const wait = Math.min(Math.max(next - now(), 0), LONGEST);
        await Promise.race([changed, this.#ready.promise, after(wait, until).catch(() => undefined)]);
      } catch (error) {
        if (signal.aborted) return;
        fault(error);
        await after(AGAIN, signal).catch(() => undefined);
      } finally {
        enough.abort();
      }
    }
  }

  /** Begins to tell what is due. When something will be, milliseconds since the epoch; infinity where nothing will. */
  async #look(): Promise<number> {
    const { ledger, channels, now } = this.#options;
    const at = now();
    const browsers = await ledger.telling.subscriptions(at);
    this.#gone = [...this.#gone, ...(await ledger.telling.over(at)).filter(({ state }) => state === 'told')];
    const [waiting, told] = [await ledger.telling.awaiting(at), await ledger.telling.told()];
    const byKey = new Map(told.map((one) => [keyOf(one.receiver, one.occasion, one.about), one]));
    const busy = new Set(this.#telling.keys());
    let next = Number.POSITIVE_INFINITY;
    for (const receiver of channels.flatMap((channel) => channel.receivers(browsers))) {
      if (busy.has(receiver.key)) continue;
      const duties = dutiesOf(
        receiver,
        waiting,
        ({ occasion, id }) => byKey.get(keyOf(receiver.key, occasion, id)),
        ({ occasion, id }) => this.#elsewhere.get(keyOf(receiver.key, occasion, id)),
        at,
      );
      next = Math.min(next, duties.next ?? next);
      const gone = this.#gone.filter((one) => one.receiver === receiver.key);
      if (duties.due.length > 0 || gone.length > 0) this.#begin(receiver, duties.due, gone);
    }
    this.#gone = this.#gone.filter((one) => busy.has(one.receiver));
    for (const [key, until] of this.#elsewhere) if (until <= at) this.#elsewhere.delete(key);
    return next;
  }

  #begin(receiver: Receiver, due: readonly Due[], gone: readonly Told[]): void {
    const { fault } = this.#options;
    const told = this.#tellAll(receiver, due, gone)
      .catch((error: unknown) => {
        if (!this.#closed.signal.aborted) fault(error);
      })
      .finally(() => {
        this.#telling.delete(receiver.key);
        this.#ready.resolve();
      });
    this.#telling.set(receiver.key, told);
  }

  /** One after the other; what fails is tried again before anything that comes after it. */
  async #tellAll(receiver: Receiver, due: readonly Due[], gone: readonly Told[]): Promise<void> {
    const { signal } = this.#closed;
    for (const { about, message } of gone)
      await receiver.sendOver?.(about, { id: message, at: this.#options.now(), signal });
    for (const one of due) {
      if (signal.aborted || !(await this.#tell(receiver, one))) return;
    }
  }

  /** False where the rest is to wait. */
  async #tell(receiver: Receiver, { awaiting, round }: Due): Promise<boolean> {
    const { ledger, now } = this.#options;
    const { occasion, id } = awaiting;
    const taken = await ledger.telling.take({ receiver: receiver.key, occasion, about: id, round, at: now() });
    if (taken === undefined) {
      this.#elsewhere.set(keyOf(receiver.key, occasion, id), now() + ELSEWHERE_FOR);
      return false;
    }
    const { signal } = this.#closed;
    const sent = await receiver.send(this.#notification(awaiting, round), { id: taken.message, at: now(), signal });
    await ledger.telling.ended({ ...taken, ...this.#endingOf(receiver, awaiting, taken, sent) });
    return sent.ok || !sent.again;
  }

  #endingOf(receiver: Receiver, { id }: Awaiting, { tries }: Told, sent: Sent) {
    const { now, random, report } = this.#options;
    const at = now();
    if (sent.ok) return { state: 'told', at, again: undefined } as const;
    // The next process goes on at once.
    if (this.#closed.signal.aborted) return { state: 'failed', at, again: at } as const;
    const wait = sent.again ? waitAfter(tries, random()) : undefined;
    if (wait === undefined) report(`${receiver.name} was not told of ${id}: ${sent.why}`);
    else if (tries === 1) report(`${receiver.name} was not told of ${id} yet: ${sent.why}`);
    return wait === undefined
      ? ({ state: 'given_up', at, again: undefined } as const)
      : ({ state: 'failed', at, again: at + wait } as const);
  }

  #notification({ occasion, id, tool, rules, since, until }: Awaiting, round: number): Notification {
    return { occasion, id, tool, rules, since, until, round, link: this.#options.linkTo({ occasion, id }) };
  }
}

const keyOf = (receiver: string, occasion: string, about: string): string => `${receiver} ${occasion} ${about}`;
