/** The session that a call is made in: what it is for, what it has touched, and what it has used of what it may. */
import { html } from 'hono/html';
import { type BudgetStanding, inUnits, standings } from '../../domain/budget.ts';
import type { Profile } from '../../domain/policy.ts';
import { printable } from '../../domain/printable.ts';
import { type Described, shownState } from '../../domain/session.ts';
import { ago } from './ago.ts';
import { revealed } from './revealed.ts';
import type { Html } from './sheet.ts';

/** `profile`: its own, where it is in force here. */
export function holdSession(described: Described, profile: Profile | undefined, at: number): Html {
  const { session, labels, description, used, extended } = described;
  const { model, task } = description;
  return html`<section class="card" aria-label="The session">
<h2>The session <span class="tag">${shownState(described).replace('_', ' ')}</span></h2>
${task === undefined ? '' : html`<pre class="task">${revealed(task)}</pre>`}
<dl class="facts">
<dt>id</dt><dd><a href="/sessions/${session.id}"><code>${session.id}</code></a></dd>
<dt>profile</dt><dd>${session.profile}${model === undefined ? '' : html` <span class="quiet">with ${printable(model)}</span>`}</dd>
<dt>opened</dt><dd>${ago(session.openedAt, at)}</dd>
<dt>touched</dt><dd>${labels.length === 0 ? html`<span class="quiet">nothing yet</span>` : labels.map(labelTag)}</dd>
</dl>
${budgetBars(standings(profile?.caps ?? {}, extended, used), profile?.currency)}
</section>`;
}

const labelTag = (label: string): Html =>
  html`<span class="tag ${label === 'private' || label === 'untrusted' ? 'warn' : ''}">${printable(label)}</span> `;

/** A bar for each budget that has a cap. */
export const budgetBars = (budgets: readonly BudgetStanding[], currency: string | undefined): Html =>
  budgets.length === 0
    ? html``
    : html`<div class="budgets">${budgets.map((one) => {
        const [used, cap] = [inUnits(one.kind, one.used), inUnits(one.kind, one.cap)];
        const id = `budget-${one.kind}`;
        return html`<div class="budget"><label for="${id}">${one.kind.replaceAll('_', ' ')}</label>
<meter id="${id}" min="0" max="${Math.max(cap, used, 1)}" low="${cap * 0.75}" high="${cap * 0.95}" optimum="0" value="${used}"></meter>
<span class="quiet">${used} of ${cap}${unitOf(one.kind, currency)}</span></div>
`;
      })}</div>`;

function unitOf(kind: string, currency: string | undefined): string {
  if (kind === 'runtime') return ' s';
  return kind === 'spend' && currency !== undefined ? ` ${currency}` : '';
}
