/**
 * Notifications: people are told that something waits for them, and where. What waits, by which rule and for which tool is all
 * that these types have a place for: nothing that an agent, a server or a person wrote goes out.
 */
import { isTool, serverIn } from './contract.ts';
import type { Principal } from './principal.ts';
import type { PushSubscriptions } from './push.ts';
import type { Right } from './role.ts';
import type { Terms } from './terms.ts';

/** `hold`: a call waits for an answer. `outcome`: what became of a call that was sent is unknown. */
export const OCCASIONS = ['hold', 'outcome'] as const;
export type Occasion = (typeof OCCASIONS)[number];

/** What waits for a person now. */
export interface Awaiting {
  readonly occasion: Occasion;
  /** Of the hold, or of the call. */
  readonly id: string;
  /** `server.tool`, or what `toolOf` makes of another target. */
  readonly tool: string;
  /** The rules that ask; none where it is no rule. */
  readonly rules: readonly string[];
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** Until when an answer counts; undefined: for as long as it takes. */
  readonly until: number | undefined;
  /** Who asked. */
  readonly principal: Principal;
  /** What an answer takes: all of these rights, and what the terms say of who gives it. */
  readonly rights: readonly Right[];
  readonly terms: Terms;
}

/** What goes out, at most. */
export interface Notification extends Pick<Awaiting, 'occasion' | 'id' | 'tool' | 'rules' | 'since' | 'until'> {
  /** The page where people answer. */
  readonly link: string;
  /** 0 the first time, then which reminder it is. */
  readonly round: number;
}

/** A target without what an agent chose: the URI of a resource may be a text of its own. */
export const toolOf = (target: string): string =>
  isTool(target) || target.startsWith('prompt ') ? target : `resource ${serverIn(target)}`;

/** What is being told, or was, to one receiver about one thing that waits. */
export interface Told {
  /** The receiver's key. */
  readonly receiver: string;
  readonly occasion: Occasion;
  readonly about: string;
  readonly round: number;
  /** Of the message: the same each time that it is tried. */
  readonly message: string;
  readonly tries: number;
  /** `trying` while a replica is at it, `failed` until `again`, else for good: `told` or `given_up`. */
  readonly state: 'trying' | 'failed' | 'told' | 'given_up';
  /** When it came to be so. Milliseconds since the epoch. */
  readonly at: number;
  /** Of `failed`: when to try again. */
  readonly again: number | undefined;
}

export type Taking = Pick<Told, 'receiver' | 'occasion' | 'about' | 'round' | 'at'>;

/** How a try ended. */
export type Ending = Pick<Told, 'receiver' | 'occasion' | 'about' | 'message' | 'at' | 'again'> & {
  readonly state: 'failed' | 'told' | 'given_up';
};

/**
 * The ledger's part: who was told of what. Each is durable before it is answered, so that a restart neither forgets nor tells
 * again, and of several replicas one tells. All reject with `LedgerFault`.
 */
export interface Telling extends PushSubscriptions {
  /** What waits at `at`, the longest first. */
  awaiting(at: number): Promise<readonly Awaiting[]>;
  /** What receivers were told, or are being told, of what waits. */
  told(): Promise<readonly Told[]>;
  /**
   * Takes a message to tell: from then on it is this replica's for as long as that lives. Undefined where it is told, where
   * another replica is at it, where it is not time to try again, and where nothing waits any more.
   */
  take(taking: Taking): Promise<Told | undefined>;
  /** Records how a try ended. */
  ended(ending: Ending): Promise<void>;
  /** Forgets what was told of things that do not wait any more. Answers it, once: to whoever is to say that it is over. */
  over(at: number): Promise<readonly Told[]>;
}
