/** What waits for a person, of one's own tenant: one row each, the whole of it one step away. */
import { html } from 'hono/html';
import type { Hold } from '../../domain/hold.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Ledger } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy } from '../../domain/role.ts';
import { reaches } from '../hold-routes.ts';
import { ago } from './ago.ts';
import { textOf } from './argument-list.ts';
import { askerName, effectTag, targetName } from './hold-facts.ts';
import { livePart } from './live-part.ts';
import { type MattersOptions, mattersPart } from './matters-part.ts';
import { pushButton } from './push-button.ts';
import { revealed } from './revealed.ts';
import type { Html, Page } from './sheet.ts';
import { timeLeft } from './time-left.ts';

interface InboxOptions extends MattersOptions {
  readonly ledger: MattersOptions['ledger'] & Pick<Ledger, 'describe' | 'holds'>;
}

/** As many as a page bears; the API has the others. */
const MOST = 100;

export const inboxPage = (options: InboxOptions): Page => ({
  path: '/',
  rights: [],
  show: async ({ caller, at }) => {
    const sees = mayBy(caller.person?.roles ?? [], 'see holds');
    const holds = sees ? (await options.ledger.holds({ open: true }, at)).filter((one) => reaches(caller, one)) : [];
    return {
      title: 'Inbox',
      place: 'Inbox',
      live: [...(sees ? ['holds'] : []), ...(mayBy(caller.person?.roles ?? [], 'see outcomes') ? ['outcomes'] : [])],
      body: html`${livePart(
        '/',
        html`<h1>Waiting for a person${holds.length > 0 ? html` <span class="count">${holds.length}</span>` : ''}</h1>
${sees ? await rows(holds, at, options) : html`<p class="quiet">Your roles let you see no holds.</p>`}
${await mattersPart(caller, at, options)}`,
      )}
${pushButton(caller)}`,
    };
  },
});

async function rows(holds: readonly Hold[], at: number, { ledger }: InboxOptions): Promise<Html> {
  if (holds.length === 0) return EMPTY;
  const shown = holds.slice(0, MOST);
  const tasks = new Map<string, string | undefined>();
  for (const { session } of shown)
    if (!tasks.has(session)) tasks.set(session, (await ledger.describe(session, at))?.description.task);
  return html`<ol class="inbox">${shown.map((one) => row(one, tasks.get(one.session), at))}</ol>
${holds.length > MOST ? html`<p class="quiet">The newest ${MOST} of ${holds.length}; <code>GET /api/holds</code> has more.</p>` : ''}`;
}

const EMPTY = html`<div class="empty"><div class="gate" aria-hidden="true"></div>
<p><b>Nothing waits for you.</b></p>
<p class="quiet">When a call needs a person it shows up here by itself. You can leave this page open.</p></div>`;

const row = (hold: Hold, task: string | undefined, at: number): Html =>
  html`<li id="row-${hold.id}" class="row">
<div class="what"><a href="/holds/${hold.id}">${targetName(hold.target)}</a> ${effectTag(hold.effect)}${hold.terms.quorum > 1 ? html` <span class="tag">${hold.decisions.length} of ${hold.terms.quorum}</span>` : ''}</div>
<div class="when"><span class="quiet">${ago(hold.placedAt, at)}, lapses in</span> ${timeLeft(hold.expiresAt, at)}</div>
<div class="preview"><code>${shortened(preview(hold.effective))}</code></div>
<div class="by">${hold.needs.map(({ reason, rule }) => html`<span class="why">${printable(reason ?? rule)}</span> `)}${askerName(hold.principal)}${task === undefined ? '' : html` <span class="quiet">for</span> ${shortened(task)}`}</div>
</li>
`;

/** Enough to tell one call from another: the page of the hold shows everything. */
const preview = (effective: JsonObject): string =>
  Object.entries(effective)
    .map(([name, value]) => `${name}: ${textOf(value)}`)
    .join(' · ');

const LONGEST = 160;

function shortened(text: string): Html {
  const line = text
    .slice(0, 10 * LONGEST)
    .replaceAll(/\s+/g, ' ')
    .trim();
  const characters = [...line];
  return revealed(characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : line);
}
