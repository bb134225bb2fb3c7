/** An errand: what one replica does for another, at a connection or an open call that it has; and what the two say of it. */
import type { Asked, Round, Settled } from '../domain/call.ts';
import type { Answer, Exchange, LogEntry, LogLevel, Progress, Question } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';

/** An exchange as another replica is asked to make it. */
type Ordered = Pick<Exchange, 'operation' | 'name' | 'pin' | 'canonical' | 'abilities' | 'trace' | 'deadline'> & {
  readonly logLevel: LogLevel | undefined;
  readonly subscribes: boolean;
};

/** The first word of an errand. */
export type Order =
  | { readonly say: 'exchange'; readonly session: string; readonly server: string; readonly ordered: Ordered }
  | { readonly say: 'round'; readonly call: string; readonly round: Round; readonly logLevel: LogLevel | undefined };

export type Said =
  | Order
  /** From who ordered it. */
  | { readonly say: 'answer'; readonly number: number; readonly answer: Answer }
  | { readonly say: 'cancel' | 'unsubscribe' }
  /** From who runs it. */
  | { readonly say: 'progress'; readonly step: Progress }
  | { readonly say: 'log'; readonly entry: LogEntry }
  | { readonly say: 'tasked' }
  | { readonly say: 'question'; readonly number: number; readonly question: Question }
  | { readonly say: 'updated'; readonly uri: string }
  | { readonly say: 'outcome'; readonly outcome: Outcome }
  /** Undefined: the call is not open any more. */
  | { readonly say: 'reached'; readonly reached: Settled | Asked | undefined };

/** Who both sides write through. What is said arrives in order, or its recipient is dead. */
export interface Post {
  /** Tries until it succeeds. */
  say(to: string, errand: string, said: Said): void;
  /** Tries once: an order is never given twice. */
  order(to: string, errand: string, order: Order): Promise<void>;
}
