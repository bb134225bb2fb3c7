/** One hold, with everything that an answer is about, and the forms that answer it. */
import { html } from 'hono/html';
import type { Hold } from '../../domain/hold.ts';
import type { MadeCall } from '../../domain/memory.ts';
import type { Profile } from '../../domain/policy.ts';
import type { Ledger } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import { ANSWERING, type HoldRoutesOptions, hindrance, reaches } from '../hold-routes.ts';
import type { Problem } from '../problem.ts';
import { mayDo } from '../rights.ts';
import { ago } from './ago.ts';
import { answerForm, noAnswer, type Refused } from './answer-form.ts';
import { argumentList } from './argument-list.ts';
import { changedArguments } from './changed-arguments.ts';
import {
  agentWords,
  askerName,
  contentBehind,
  contractWords,
  effectTag,
  needList,
  targetName,
  termFacts,
} from './hold-facts.ts';
import { holdSession } from './hold-session.ts';
import { holdState } from './hold-state.ts';
import { livePart } from './live-part.ts';
import type { Html, Page, Sheet, Visit } from './sheet.ts';

export interface HoldPageOptions extends Pick<HoldRoutesOptions, 'owners'> {
  readonly ledger: Pick<Ledger, 'approvedBefore' | 'describe' | 'hold' | 'madeCall'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
}

export const holdPage = (options: HoldPageOptions): Page => ({
  path: '/holds/:id',
  rights: ['see holds'],
  show: (visit) => holdSheet(visit, undefined, options),
});

/** Undefined where there is none, or none for this person. */
export async function holdSheet(
  visit: Visit,
  refused: Refused | undefined,
  { ledger, owners, profiles }: HoldPageOptions,
): Promise<Sheet | undefined> {
  const { caller, csrf, id, at } = visit;
  const hold = await ledger.hold(id, at);
  if (hold === undefined || !reaches(caller, hold)) return undefined;
  const [described, before, calls] = await Promise.all([
    ledger.describe(hold.session, at),
    ledger.approvedBefore(hold, at),
    callsOf(hold, ledger),
  ]);
  const profile = described && profiles.get(described.session.profile);
  const may = mayDo(caller, { method: 'post', scope: undefined, rights: ANSWERING, byProof: true });
  const closed = may.ok ? hindrance(caller, hold, owners) : may.error;
  const answer =
    closed === undefined ? answerForm(hold, caller, csrf, refused) : noAnswer(whyNot(closed, hold), refused);
  return {
    ...(refused !== undefined && { status: statusOf(refused.problem) }),
    title: hold.target,
    place: 'Inbox',
    live: [`hold:${id}`],
    body: livePart(
      `/holds/${id}`,
      html`<p class="crumb"><a href="/">Inbox</a> / <code>${id}</code></p>
<h1 class="target">${targetName(hold.target)} ${effectTag(hold.effect)}</h1>
<p class="asked">${askerName(hold.principal)} asked ${ago(hold.placedAt, at)}</p>
<div class="columns"><div>
${holdState(hold, calls, at)}
<div class="exact" hx-morph-skip>
${contractWords(profile?.tools.get(hold.target))}
<h2>Arguments</h2>
${argumentList(hold.effective)}
${contentBehind(hold.shown)}
<h2>What changed</h2>
${changedArguments(hold, before, at)}
<h2>Why a person is asked</h2>
${needList(hold)}
${agentWords(hold.agentReason)}
</div>
</div><aside>
${answer}
<section class="card" aria-label="Terms"><h2>Terms</h2>${termFacts(hold)}</section>
${described === undefined ? '' : holdSession(described, profile, at)}
</aside></div>`,
    ),
  };
}

async function callsOf({ session, usedBy }: Hold, ledger: Pick<Ledger, 'madeCall'>): Promise<readonly MadeCall[]> {
  const found = await Promise.all(usedBy.map((call) => ledger.madeCall(session, call)));
  return found.filter((one) => one !== undefined);
}

const statusOf = ({ status }: Problem): NonNullable<Sheet['status']> =>
  status === 400 || status === 404 || status === 409 || status === 429 ? status : 403;

/** Why there are no forms, for the person who looks. */
function whyNot({ reason, detail }: Problem, { state }: Hold): Html {
  if (state !== 'open') return html`It waits for no answer any more.`;
  if (reason === 'asker') return html`You asked for this call, or your agent did: somebody else answers it.`;
  return html`${printable(detail)}: somebody else answers it.`;
}
