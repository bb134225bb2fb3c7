/**
 * What the arguments of a call only point at, read for whoever is asked about it. Reading is a call of Tollgate's own, on the
 * same path and in the same journal: judged, charged, and its session touches what it returns.
 */
import type { Afforded, Asked, Received, Settled } from '../domain/call.ts';
import { LARGEST_SHOWN, type Shown } from '../domain/hold.ts';
import { sha256 } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { NewId, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { shownText } from '../policy/output/shown-text.ts';
import { readingOf } from './reading-of.ts';

/** What reading takes: the path itself. */
export interface Reading {
  present(received: Received): Promise<Result<Settled | Asked, Refusal>>;
  readonly newId: NewId;
  readonly now: Now;
}

export type ReadShown = (call: Afforded) => Promise<Result<Shown | undefined, Refusal>>;

/** Undefined where the policy shows nothing. What cannot be shown whole is refused: nobody agrees to what they cannot see. */
export const shownContent =
  ({ present, newId, now }: Reading): ReadShown =>
  async (call) => {
    const { shows } = call.policy;
    if (shows === undefined) return ok(undefined);
    const given = shows.argumentsFor(call.effective);
    if (!given.ok) return unshown(given.error, 'Give it.');
    const reply = await present(readingOf(call, shows.tool, given.value, newId('call'), now()));
    if (!reply.ok) return unread(reply.error);
    if ('questions' in reply.value) return unshown('its server asks something first');
    const text = textIn(reply.value.outcome);
    if (!text.ok) return unshown(text.error);
    return ok({ tool: shows.tool, text: text.value, digest: sha256(text.value) });
  };

function textIn(outcome: Outcome): Result<string, string> {
  if (outcome.outcome !== 'ok') return refuse(UNANSWERED[outcome.outcome] ?? 'its server did not answer');
  const text = shownText(outcome.result);
  const isTooLong = text.ok && Buffer.byteLength(text.value) > LARGEST_SHOWN;
  return isTooLong ? refuse(`it is over ${LARGEST_SHOWN / 1024} KiB, more than a person can read`) : text;
}

const UNANSWERED: Readonly<Partial<Record<Outcome['outcome'], string>>> = {
  tool_error: 'its server answers with an error',
  rpc_error: 'its server answers with an error',
  withheld: 'what its server answers is not let through',
};

/** What ends this call as well is said as it is; what only the reading met is not, since agents may not see what reads. */
const unread = (refusal: Refusal): Result<never, Refusal> => {
  if (OF_THE_CALLER.has(refusal.reason)) return refuse(refusal);
  return refusal.reason === 'denied' ? unshown(refusal.why, refusal.remedy) : unshown('it cannot be read');
};

const OF_THE_CALLER: ReadonlySet<Refusal['reason']> = new Set([
  'unauthenticated',
  'session_unknown',
  'session_paused',
  'session_over',
  'stopped',
  'insufficient_scope',
  'over_budget',
  'over_quota',
  'no_credential',
  'server_unavailable',
]);

const unshown = (why: string, remedy = 'Tell the user.'): Result<never, Refusal> =>
  refuse({
    reason: 'denied',
    rules: [],
    why: `what its arguments point at cannot be shown to whoever must approve it: ${why}`,
    remedy,
  });
