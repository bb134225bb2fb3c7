/** What this replica has others do: exchanges at connections that they have, rounds of calls that are open there. */
import type { Asked, Committed, OpenExchange, Settled } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import type { Connection, Exchange, Line } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger } from '../domain/ports.ts';
import type { UnderWay } from '../domain/replicas.ts';
import type { Order, Post, Said } from './errand.ts';

const GONE = 'the gateway that made the call, or this one, is gone';

interface Open {
  readonly to: string;
  /** Under which name this replica ordered it. */
  readonly as: string;
  hear(said: Said): void;
  /** Nothing more will be heard of it. */
  lost(): void;
}

export class OrderedErrands {
  readonly #ledger: Ledger;
  readonly #post: Post;
  readonly #open = new Map<string, Open>();
  #count = 0;

  constructor(ledger: Ledger, post: Post) {
    this.#ledger = ledger;
    this.#post = post;
  }

  hear(from: string, errand: string, said: Said): void {
    const open = this.#open.get(errand);
    if (open?.to === from) open.hear(said);
  }

  /** Ends what was ordered of replicas that are gone, or under a name that this one has no more. */
  endLost(living: ReadonlySet<string>, own: string): void {
    for (const open of this.#open.values()) if (!living.has(open.to) || open.as !== own) open.lost();
  }

  /** Ends everything: this replica is closing. */
  end(): void {
    for (const [errand, open] of this.#open) {
      this.#post.say(open.to, errand, { say: 'cancel' });
      open.lost();
    }
  }

  get areOpen(): boolean {
    return this.#open.size > 0;
  }

  /** A session's connection to a server that another replica has. */
  connection(to: string, server: string, session: string): Connection {
    const call = (exchange: Exchange): Promise<Outcome> => this.#exchange(to, server, session, exchange);
    return { server, transport: 'http', address: undefined, revision: '', call };
  }

  /** A call that waits for its client at another replica. */
  openCall(call: string, server: string, underWay: UnderWay): OpenExchange {
    const { replica, session, target, digest, entry, deadline } = underWay;
    return {
      connection: this.connection(replica, server, session),
      entry,
      deadline,
      rounds: 1,
      isTask: false,
      // Whose session it is was judged on the way here; that replica judges that the call is open.
      fits: (round) => round.session.id === session && targetOf(round.contract) === target && round.digest === digest,
      goOn: (round) => this.#round(replica, { ...round, id: call }),
    };
  }

  #exchange(to: string, server: string, session: string, exchange: Exchange): Promise<Outcome> {
    const { operation, name, pin, canonical, abilities, trace, deadline, line, subscriber } = exchange;
    if (line.signal.aborted) {
      return Promise.resolve({ outcome: 'not_sent', why: 'cancelled by the caller before it was sent' });
    }
    const { logLevel } = line;
    const subscribes = subscriber !== undefined;
    const ordered = { operation, name, pin, canonical, abilities, trace, deadline, logLevel, subscribes };
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const lost = (): void => resolve({ outcome: 'unknown', why: GONE });
    const errand = this.#begin(to, line, {
      hear: (said) => {
        if (said.say === 'outcome') resolve(said.outcome);
        if (said.say === 'updated') subscriber?.updated(said.uri);
        if (said.say !== 'question') return;
        const { number, question } = said;
        void exchange.ask(question).then((answer) => this.#post.say(to, errand.id, { say: 'answer', number, answer }));
      },
      lost,
    });
    this.#order(errand, { say: 'exchange', session, server, ordered }, lost);
    const end = (): void => errand.end();
    if (subscriber === undefined) return promise.finally(end);
    const unsubscribe = (): void => {
      this.#post.say(to, errand.id, { say: 'unsubscribe' });
      end();
    };
    subscriber.signal.addEventListener('abort', unsubscribe, { once: true });
    return promise.then((outcome) => {
      if (outcome.outcome !== 'ok') end();
      return outcome;
    });
  }

  async #round(to: string, { id, round, line }: Pick<Committed, 'id' | 'round' | 'line'>): Promise<Settled | Asked> {
    if (round === undefined) throw new Error(`call ${id} goes on without a round`);
    const { promise, resolve } = Promise.withResolvers<Settled | Asked | undefined>();
    const lost = (): void => resolve(undefined);
    const errand = this.#begin(to, line, {
      hear: (said) => {
        if (said.say === 'reached') resolve(said.reached);
      },
      lost,
    });
    this.#order(errand, { say: 'round', call: id, round, logLevel: line.logLevel }, lost);
    return (await promise.finally(() => errand.end())) ?? (await this.#ended(id));
  }

  /** What became of a call that is open nowhere any more. */
  async #ended(call: string): Promise<Settled> {
    const recorded = await this.#ledger.recorded(call);
    if (recorded === undefined) return { id: call, outcome: { outcome: 'unknown', why: GONE }, recorded: undefined };
    return { id: call, outcome: recorded.outcome, recorded: { at: recorded.at, textOnly: false } };
  }

  /** Passes on what the caller hears and says meanwhile. */
  #begin(to: string, line: Line, { hear, lost }: Pick<Open, 'hear' | 'lost'>) {
    const as = this.#ledger.standing().replica;
    const id = `${as}.${++this.#count}`;
    const cancelled = (): void => this.#post.say(to, id, { say: 'cancel' });
    line.signal.addEventListener('abort', cancelled, { once: true });
    this.#open.set(id, {
      to,
      as,
      lost,
      hear: (said) => {
        if (said.say === 'progress') line.progress(said.step);
        else if (said.say === 'log') line.log(said.entry);
        else if (said.say === 'tasked') line.tasked?.();
        else hear(said);
      },
    });
    const end = (): void => {
      line.signal.removeEventListener('abort', cancelled);
      this.#open.delete(id);
    };
    return { id, to, end };
  }

  /** An order whose arrival is in doubt is as good as given. */
  #order({ id, to }: { readonly id: string; readonly to: string }, order: Order, lost: () => void): void {
    this.#post.order(to, id, order).catch(lost);
  }
}
