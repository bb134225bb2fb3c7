/** What an agent reads of its own session, as JSON: times in ISO 8601, amounts in units that people use. */
import { type Amounts, MICROS, raised } from '../../domain/budget.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import type { CallPage, EventPage, HoldPage, MadeCall, WaitingHold } from '../../domain/memory.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Profile } from '../../domain/policy.ts';
import type { Recorded } from '../../domain/ports.ts';
import type { Snapshot } from '../../domain/session.ts';

const time = (at: number): string => new Date(at).toISOString();
const timeWhere = (name: string, at: number | undefined): JsonObject => (at === undefined ? {} : { [name]: time(at) });

export const sessionView = (
  profile: Profile,
  { session, labels, used, extended }: Snapshot,
  { holds }: HoldPage,
): JsonObject => ({
  session: session.id,
  profile: session.profile,
  state: session.state,
  opened_at: time(session.openedAt),
  labels,
  budget: budgetView({ caps: raised(profile.caps, extended), currency: profile.currency }, used),
  holds: holds.filter(({ state }) => state === 'open' || state === 'approved').map(holdView),
});

/** By kind what is used, and where there is a cap what is left of it. How often servers asked is no budget of the agent. */
export function budgetView({ caps, currency }: Pick<Profile, 'caps' | 'currency'>, used: Amounts): JsonObject {
  const kinds = new Set([...Object.keys(caps), ...Object.keys(used)].filter((kind) => !kind.startsWith('asked.')));
  return Object.fromEntries([...kinds].map((kind) => [kind, amountsOf(kind, used[kind] ?? 0, caps[kind], currency)]));
}

function amountsOf(kind: string, used: number, cap: number | undefined, currency: string): JsonObject {
  const { unit, per } = UNITS[kind] ?? { unit: undefined, per: 1 };
  const left = cap === undefined ? {} : { cap: cap / per, left: Math.max(0, cap - used) / per };
  return { used: used / per, ...left, ...(unit === undefined ? {} : { unit: unit === 'money' ? currency : unit }) };
}

const UNITS: Readonly<Record<string, { readonly unit: string; readonly per: number }>> = {
  runtime: { unit: 's', per: 1000 },
  spend: { unit: 'money', per: MICROS },
};

export const eventsView = ({ events, more }: EventPage): JsonObject => ({
  events: events.map(({ seq, at, type, content }) => ({
    seq,
    at: time(at),
    type,
    ...(content === undefined ? {} : { content: JSON.parse(content) as JsonValue }),
  })),
  more,
});

export const callsView = ({ calls, more }: CallPage): JsonObject => ({ calls: calls.map(callView), more });

/** A call without an outcome is under way. */
const callView = ({ id, target, at, outcome, settledAt, kept }: MadeCall): JsonObject => ({
  call: id,
  target,
  at: time(at),
  ...(outcome === undefined ? {} : { outcome }),
  ...timeWhere('settled_at', settledAt),
  kept,
});

/** A call with what was sent and, where it is kept, what came back. `given` is JSON text. */
export const resultView = (call: MadeCall, given: string | undefined, recorded: Recorded | undefined): JsonObject => ({
  ...callView(call),
  ...(given === undefined ? {} : { arguments: JSON.parse(given) as JsonValue }),
  ...(recorded === undefined ? {} : cameOf(recorded.outcome)),
});

function cameOf(outcome: Outcome): JsonObject {
  if ('result' in outcome) return { result: outcome.result };
  if ('why' in outcome) return { why: outcome.why };
  const { outcome: _word, ...error } = outcome;
  return { error };
}

/** `changes` says where to go on waiting. */
export const holdsView = ({ changes, holds }: HoldPage): JsonObject => ({ changes, holds: holds.map(holdView) });

const holdView = ({ id, target, state, placedAt, expiresAt, because, usedBy }: WaitingHold): JsonObject => ({
  hold: id,
  target,
  state,
  placed_at: time(placedAt),
  expires_at: time(expiresAt),
  ...(because === undefined ? {} : { because }),
  ...(usedBy === undefined ? {} : { used_by: usedBy }),
});
