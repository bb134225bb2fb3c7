/** What waits for a person, of one's own tenant. */
import { html } from 'hono/html';
import type { Hold } from '../../domain/hold.ts';
import type { Ledger } from '../../domain/ports.ts';
import { LOCAL } from '../../domain/principal.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy } from '../../domain/role.ts';
import { reaches } from '../hold-routes.ts';
import { ago } from './ago.ts';
import { pushButton } from './push-button.ts';
import type { Html, Page } from './sheet.ts';

/** As many as a page bears; the API has the others. */
const MOST = 100;

export const inboxPage = ({ ledger }: { readonly ledger: Pick<Ledger, 'holds'> }): Page => ({
  path: '/',
  rights: [],
  show: async ({ caller, at }) => {
    const sees = mayBy(caller.person?.roles ?? [], 'see holds');
    const holds = sees ? (await ledger.holds({ open: true }, at)).filter((one) => reaches(caller, one)) : [];
    return {
      title: 'Inbox',
      place: 'Inbox',
      ...(sees && { live: ['holds'] }),
      body: html`<h1>Waiting for a person</h1>
<div id="live" hx-get="/" hx-select="#live" hx-swap="outerMorph" hx-trigger="news from:body">${
        holds.length === 0 ? html`<p class="quiet">Nothing.</p>` : holds.slice(0, MOST).map((one) => part(one, at))
      }</div>
${pushButton(caller)}`,
    };
  },
});

/** Everything in it is a stranger's: hidden characters are shown as their code points. */
const part = (hold: Hold, at: number): Html =>
  html`<article class="card">
<div><strong>${printable(hold.target)}</strong> <span class="${hold.effect === 'irreversible' ? 'warn' : 'quiet'}">${hold.effect}</span> <span class="quiet">· asked ${ago(hold.placedAt, at)} by ${printable(hold.principal.subject)}, session <code>${hold.session}</code></span></div>
${hold.needs.map(({ rule, reason }) => html`<div>${printable(reason ?? 'the rule asks for it')} <span class="quiet">${printable(rule)}</span></div>`)}
<pre>${printable(JSON.stringify(hold.effective))}</pre>
${hold.agentReason === undefined ? '' : html`<div class="quiet">the agent says, unverified: ${printable(JSON.stringify(hold.agentReason))}</div>`}
<div class="quiet"><code>${hold.principal.issuer === LOCAL ? `tollgate approve ${hold.id}` : `POST /api/holds/${hold.id}/approve`}</code></div>
</article>
`;
