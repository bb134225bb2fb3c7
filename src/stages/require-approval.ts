import type { Afforded, Approved } from '../domain/call.ts';
import { targetOf, UNPINNED } from '../domain/contract.ts';
import { type Bound, bindingOf, type Hold, LARGEST_HELD_ARGUMENTS, type Shown } from '../domain/hold.ts';
import { CONTINUE } from '../domain/names.ts';
import type { Placed } from '../domain/placing.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import type { Refusal, Stale } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { ReadShown } from './shown-content.ts';

type Answered = Result<Approved, Refusal | Stale>;

/**
 * A grant for all needs of this call, or none needed; else one hold for all of them. Redeemed by `commit`, not here. What the
 * arguments point at is read at each call, not for who waits on: other content is another hold, and nobody approved that yet.
 */
export const requireApproval =
  (ledger: Ledger, now: Now, read: ReadShown) =>
  async (call: Afforded): Promise<Answered> => {
    if (call.needs.length === 0) return ok({ ...call, grant: undefined });
    if (Buffer.byteLength(call.canonical) > LARGEST_HELD_ARGUMENTS) {
      return denied(
        `its arguments are over ${LARGEST_HELD_ARGUMENTS / 1024} KiB, more than a person can read`,
        'Call with shorter arguments.',
      );
    }
    const waited = await waitedFor(ledger, call, now());
    if (waited !== undefined) return answered(call, waited);
    const asked = async (): Promise<Result<{ readonly placed: Placed; readonly since: number }, Refusal | Stale>> => {
      const since = now();
      const shown = await read(call);
      if (!shown.ok) return shown;
      if (shown.value !== undefined && (await hasTouchedMore(ledger, call, now()))) return refuse({ reason: 'stale' });
      return ok({ placed: await ledger.place(placingOf(call, shown.value, now())), since });
    };
    const first = await asked();
    // Approved meanwhile: what runs is read after the answer.
    const found = first.ok && isApprovedAfter(first.value.placed, first.value.since) ? await asked() : first;
    return found.ok ? outcomeOf(call, found.value.placed) : found;
  };

/** The hold that `tollgate__continue` names, where it waits for an answer to this very call. */
async function waitedFor(ledger: Ledger, call: Afforded, at: number): Promise<Hold | undefined> {
  if (call.target !== CONTINUE || call.policy.shows === undefined) return undefined;
  const hold = await ledger.hold(String(call.arguments['hold']), at);
  return hold?.state === 'open' && hold.binding === placingOf(call, hold.shown, at).binding ? hold : undefined;
}

/** Reading touches what it returns, and rules look at that: the call is judged anew before anybody is asked. */
async function hasTouchedMore(ledger: Ledger, { policy, session, snapshot }: Afforded, at: number): Promise<boolean> {
  const after = policy.seesLabels ? await ledger.look(session.id, at) : undefined;
  return after?.labels.some((label) => !snapshot.labels.includes(label)) === true;
}

const isApprovedAfter = (placed: Placed, since: number): boolean =>
  placed.found === 'hold' && placed.hold.shown !== undefined && (placed.hold.decisions.at(-1)?.at ?? 0) > since;

function placingOf(call: Afforded, shown: Shown | undefined, at: number) {
  const bound: Bound = {
    session: call.session.id,
    lineage: call.session.lineage,
    principal: call.principal,
    target: targetOf(call.contract),
    digest: call.digest,
    needs: call.needs,
    rules: call.policy.digest,
    pin: call.definition?.pin ?? UNPINNED,
    shown,
  };
  const { effective, canonical, agentReason, id, caps } = call;
  const { effect } = call.contract;
  const said = { effect, effective, canonical, agentReason, call: id, at, approvals: caps['approvals'] };
  return { ...bound, binding: bindingOf(bound), ...said };
}

function outcomeOf(call: Afforded, placed: Placed): Answered {
  if (placed.found === 'call') return refuse({ reason: 'repeated', call: placed.call, textOnly: call.policy.canHold });
  if (placed.found === 'over_budget')
    return refuse({ reason: 'over_budget', overdrawn: placed.overdrawn, currency: call.profile.currency });
  if (placed.found === 'over_quota') return refuse({ reason: 'over_quota', quota: placed.quota });
  if (placed.found === 'closed') return denied(placed.why, 'Tell the user.');
  return answered(call, placed.hold);
}

function answered(call: Afforded, hold: Hold): Answered {
  switch (hold.state) {
    case 'approved':
      return ok({ ...call, grant: hold });
    case 'denied': {
      const because = hold.decisions.at(-1)?.because;
      return denied(`a person denied this exact call${because === undefined ? '' : `: ${because}`}`, 'Tell the user.');
    }
    default:
      return refuse({ reason: 'held', hold });
  }
}

const denied = (why: string, remedy: string): Result<never, Refusal> =>
  refuse({ reason: 'denied', rules: [], why, remedy });
