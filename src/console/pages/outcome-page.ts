/** One call that was sent and never answered: everything that was sent, and the form by which a person says what became of it. */

import { html } from 'hono/html';
import type { UnknownCall } from '../../domain/finding.ts';
import { asksItself } from '../../domain/person.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy } from '../../domain/role.ts';
import { USUAL_TERMS } from '../../domain/terms.ts';
import { type OutcomeRoutesOptions, reachesCall, settledBy } from '../outcome-routes.ts';
import { settling } from '../outcome-shapes.ts';
import { parsed } from '../parsed.ts';
import { ago } from './ago.ts';
import { argumentList } from './argument-list.ts';
import { agentWords, askerName, effectTag, targetName } from './hold-facts.ts';
import { livePart } from './live-part.ts';
import { type NotTaken, proofFields, statusOf, whyNotTaken } from './matter-form.ts';
import { revealed } from './revealed.ts';
import type { Form, Html, Page, Sheet, Visit } from './sheet.ts';

export const outcomePage = (options: OutcomeRoutesOptions): Page => ({
  path: '/outcomes/:id',
  rights: ['see outcomes'],
  show: (visit) => sheetOf(visit, undefined, options),
});

export const outcomeForm = (options: OutcomeRoutesOptions): Form => ({
  path: '/outcomes/:id/settle',
  rights: ['settle outcomes'],
  act: async (visit, { csrf: _, ...fields }) => {
    const given = parsed(settling, fields);
    const settled = given.ok ? await settledBy(visit.caller, visit.id, given.value, options) : given;
    if (settled.ok) return { to: `/outcomes/${visit.id}` };
    return sheetOf(visit, { problem: settled.error, fields }, options);
  },
});

/** Undefined where there is none, or none for this person. */
async function sheetOf(
  visit: Visit,
  refused: NotTaken | undefined,
  { ledger, owners }: OutcomeRoutesOptions,
): Promise<Sheet | undefined> {
  const { caller, id, at } = visit;
  const call = await ledger.unknown(id);
  if (call === undefined || !reachesCall(caller, call)) return undefined;
  const asks = asksItself(caller, { principal: call.principal, terms: USUAL_TERMS }, owners);
  return {
    ...statusOf(refused),
    title: `Outcome of ${call.target}`,
    place: 'Inbox',
    live: ['outcomes'],
    body: livePart(
      `/outcomes/${id}`,
      html`<p class="crumb"><a href="/">Inbox</a> / <code>${id}</code></p>
<h1 class="target">${targetName(call.target)} ${effectTag(call.effect)} ${stateTag(call)}</h1>
<p class="asked">${askerName(call.principal)} asked, and it was sent ${ago(call.at, at)}. No answer came.</p>
<div class="columns"><div>
${foundPart(call, at)}
<div class="exact" hx-morph-skip>
<h2>What was sent</h2>
${argumentList(call.effective)}
<h2>How the answer was lost</h2>
<pre>${revealed(call.lost ?? 'Tollgate stopped while the call was under way')}</pre>
${agentWords(call.agentReason)}
</div>
</div><aside>
${call.finding === undefined ? answerPart(visit, refused, asks) : closedPart(html`It is settled. The first answer stands.`)}
<section class="card"><h2>What an answer does</h2>
<dl class="facts">
<dt>executed</dt><dd>Nobody sends this exact call again. Rules that ask whether it was made take it for made.</dd>
<dt>not executed</dt><dd>The same call may be made again, asked about anew where a rule says so.</dd>
<dt>meanwhile</dt><dd>It stays charged, and who repeats it is told to wait.</dd>
</dl></section>
</aside></div>`,
    ),
  };
}

const stateTag = ({ finding }: UnknownCall): Html => {
  if (finding === undefined) return html`<span class="tag warn">outcome unknown</span>`;
  return finding.outcome === 'executed'
    ? html`<span class="tag good">executed</span>`
    : html`<span class="tag">not executed</span>`;
};

function foundPart({ finding, unknownSince }: UnknownCall, at: number): Html {
  if (finding === undefined)
    return html`<p class="notice warn">Nobody knows whether it was done. Look where its effect would show, then say what you found. Unknown since ${ago(unknownSince, at)}.</p>`;
  const words = finding.outcome === 'executed' ? 'was executed' : 'was not executed';
  return html`<p class="notice good"><b>${printable(finding.by)}</b> found out that it ${words}, ${ago(finding.at, at)}: ${revealed(finding.why)}</p>`;
}

function answerPart({ caller, csrf, id }: Visit, refused: NotTaken | undefined, asks: boolean): Html {
  if (caller.person?.looksOnly)
    return closedPart(
      html`You came by a link, and look. Answer at a terminal of this machine: <code>tollgate outcome ${id}</code>.`,
    );
  if (!mayBy(caller.person?.roles ?? [], 'settle outcomes'))
    return closedPart(html`None of your roles lets you settle outcomes: somebody else finds out.`);
  if (asks) return closedPart(html`You asked for this call, or your agent did: somebody else finds out.`);
  const said = refused?.fields['outcome'];
  return html`<section id="answer-open" class="card answer" aria-label="Your answer" hx-morph-skip>
${whyNotTaken(refused)}
<form method="post" action="/outcomes/${id}/settle">
<fieldset><legend>What became of it?</legend>
${choice('executed', 'It was executed', said)}
${choice('not_executed', 'It was not executed', said)}
</fieldset>
<label for="why">How you found out <span class="quiet">the agent reads this</span></label>
<textarea id="why" name="why" rows="2" maxlength="500" required>${refused?.fields['why'] ?? ''}</textarea>
${proofFields(caller, csrf)}
<button class="primary">Settle it</button>
</form>
</section>`;
}

const choice = (value: string, words: string, said: string | undefined): Html =>
  html`<label class="choice"><input type="radio" name="outcome" value="${value}" required${said === value ? html` checked` : ''}> ${words}</label>
`;

const closedPart = (words: Html): Html =>
  html`<section id="answer-closed" class="card answer" aria-label="Your answer"><p>${words}</p></section>`;
