/** The session that a call is made in: what it is for, what it has touched, and what it has used of what it may. */
import { html } from 'hono/html';
import type { Profile } from '../../domain/policy.ts';
import { printable } from '../../domain/printable.ts';
import { type Described, shownState } from '../../domain/session.ts';
import { ago } from './ago.ts';
import { budgetBars } from './budget-bars.ts';
import { revealed } from './revealed.ts';
import type { Html } from './sheet.ts';

/** `profile`: its own, where it is in force here. */
export function holdSession(described: Described, profile: Profile | undefined, at: number): Html {
  const { session, labels, description } = described;
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
${budgetBars(described, profile)}
</section>`;
}

const labelTag = (label: string): Html =>
  html`<span class="tag ${label === 'private' || label === 'untrusted' ? 'warn' : ''}">${printable(label)}</span> `;
