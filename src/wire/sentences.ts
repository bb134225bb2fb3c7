/**
 * What the agent reads when a call was not simply done: one sentence, first words in capitals, so that no model takes it
 * for done or looks for another way.
 */
import { amountWords, type Overdrawn, SESSIONS } from '../domain/budget.ts';
import { isTool } from '../domain/contract.ts';
import type { Hold } from '../domain/hold.ts';
import { CONTINUE } from '../domain/names.ts';
import { OPENINGS } from '../domain/openings.ts';
import type { Outcome } from '../domain/outcome.ts';
import { LOCAL } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Quota } from '../domain/retention.ts';
import type { Stop, StopKind } from '../domain/stop.ts';

/** Refusals that are the tool's answer. The others are errors of the protocol: see `refusals.ts`. */
export type SpokenRefusal = Exclude<
  Refusal,
  {
    reason:
      | 'unauthenticated'
      | 'profile_unclear'
      | 'session_unknown'
      | 'target_unknown'
      | 'round_unknown'
      | 'header_mismatch'
      | 'insufficient_scope';
  }
>;

/** `holdUrl`: where a person answers a hold. */
export function refusalSentence(refusal: SpokenRefusal, holdUrl: (hold: string) => string): string {
  switch (refusal.reason) {
    case 'held':
      return (
        `${OPENINGS.held}. A person must approve this exact call. Do not try another way. ` +
        `Tell the user to ${answering(refusal.hold, holdUrl)}. ` +
        `When told to continue, ${onceApproved(refusal.hold)}.`
      );
    case 'denied':
      return `${OPENINGS.denied}: ${ended(refusal.why)} Rewording is denied too.${refusal.remedy === undefined ? '' : ` Instead: ${ended(refusal.remedy)}`}`;
    case 'over_budget':
      return `${OPENINGS.stopped}: ${used(refusal.overdrawn, refusal.currency)}. Summarise and stop.`;
    case 'over_quota':
      return `${OPENINGS.stopped}: ${QUOTA_WORDS[refusal.quota]}, so no call can be made now. Tell the user: an operator must make room.`;
    case 'session_paused':
      return `${OPENINGS.stopped}: this session is paused. Say so and wait until you are told to go on.`;
    case 'stopped':
      return `${OPENINGS.stopped}: a person stopped ${stopped(refusal.stop)}: ${ended(refusal.stop.why)} Do not try another way. Say so and wait until you are told to go on.`;
    case 'session_over':
      return `${OPENINGS.stopped}: this session is over. Summarise and stop.`;
    case 'invalid_arguments':
      return `${OPENINGS.invalid}: ${refusal.problems.join('; ')}. Mend the arguments and call again.`;
    case 'tool_changed':
      return `${OPENINGS.changed}: this is no longer what was reviewed. Do not try another way. Tell the user to run: tollgate policy diff. Once a person has accepted what it shows, call again.`;
    case 'server_unavailable':
      return `${OPENINGS.unavailable}: the server ${refusal.server} cannot be used now. Tell the user; Tollgate's own output says why.`;
    case 'no_credential':
      if (refusal.login !== undefined)
        return `${OPENINGS.notDone}: the user must log in to ${refusal.server} first. Do not open this yourself. Tell the user to open: ${refusal.login} When told to continue, call again.`;
      return `${OPENINGS.notDone}: no credential for ${refusal.server} could be had, and nothing was sent. Do not try another way. Tell the user; Tollgate's own output says why.`;
    case 'repeated':
      return `${OPENINGS.running}: this exact call is under way already and was not sent again. Wait, then call again to get its result.`;
  }
}

const QUOTA_WORDS: Readonly<Record<Quota, string>> = {
  store: 'the record of calls has no room left',
  principal: 'what may be kept of your calls is used up',
};

/** The page is for everybody who may answer; the command is for who sits at this machine. */
const answering = ({ id, principal }: Hold, holdUrl: (hold: string) => string): string =>
  `open ${holdUrl(id)}${principal.issuer === LOCAL ? ` or to run: tollgate approve ${id}` : ''}`;

/** A tool's answer can be no resource and no prompt: those are asked for again. */
const onceApproved = ({ id, target }: Hold): string =>
  isTool(target) ? `call ${CONTINUE} {"hold":"${id}"}` : 'make this very request again';

const STOPPED: Readonly<Record<StopKind, (key: string) => string>> = {
  all: () => 'all calls',
  principal: () => 'all calls in your name',
  session: () => 'this session',
  server: (key) => `the server ${key}`,
  tool: (key) => key,
  call: () => 'this exact call',
};

const stopped = ({ kind, key }: Stop): string => STOPPED[kind](key);

/** The sentence for an outcome that is not the tool's own answer. `page`: where people find out what became of the call. */
export function outcomeSentence(outcome: Extract<Outcome, { why: string }>, page?: string): string {
  switch (outcome.outcome) {
    case 'unknown': {
      const isAsked = outcome.asked === true && page !== undefined;
      const next = isAsked ? `A person was asked: ${page}` : 'Tell the user to find out whether it did.';
      return `${OPENINGS.unknown}: ${ended(outcome.why)} It may have happened. Do not repeat. ${next}`;
    }
    case 'executed':
      return `${OPENINGS.executed}: this exact call was executed: ${ended(outcome.why)} What it answered nobody knows. Do not repeat.`;
    case 'not_executed':
      return `${OPENINGS.notDone}: this exact call was not executed: ${ended(outcome.why)} It may be made again.`;
    case 'not_sent':
      return `${OPENINGS.notDone}: nothing was sent: ${ended(outcome.why)}`;
    case 'withheld':
      return `${OPENINGS.withheld}: the call was made, but its result is not shown: ${ended(outcome.why)} Do not repeat.`;
  }
}

export const recordedSentence = (at: number): string =>
  `${OPENINGS.recorded}: this exact call ran at ${new Date(at).toISOString()} and was not run again. Its result then:`;

function used({ kind, used: spent, cap, window }: Overdrawn, currency: string): string {
  if (kind === SESSIONS) return `${spent} of ${cap} sessions are open, and no more may be; go on in one of those`;
  const [count] = amountWords(kind, spent, currency).split(' ');
  if (kind === 'spend' && spent > cap) return `${count} of ${amountWords(kind, cap, currency)} spent`;
  if (kind === 'spend')
    return `${count} of ${amountWords(kind, cap, currency)} spent, and this call costs more than is left`;
  if (window === undefined) return `${count} of ${amountWords(kind, cap, currency)} used`;
  const until = new Date(window.endsAt).toISOString();
  return `${count} of ${amountWords(kind, cap, currency)} used by all your sessions together, until ${until}`;
}

const ended = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
