/** The sessions that a person may see, the newest first. */
import { html } from 'hono/html';
import type { Ledger } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import { type SessionStanding, shownState } from '../../domain/session.ts';
import { maySee } from '../rights.ts';
import { ago } from './ago.ts';
import type { Html, Page } from './sheet.ts';

/** As many sessions as a page bears; the API has the others. */
const MOST = 100;

export const sessionsPage = ({ ledger }: { readonly ledger: Pick<Ledger, 'sessions'> }): Page => ({
  path: '/sessions',
  rights: [],
  show: async ({ caller, at }) => {
    const sessions = (await ledger.sessions(at)).filter((one) => maySee(caller, one.session));
    return {
      title: 'Sessions',
      place: 'Sessions',
      live: ['sessions'],
      body: html`<h1>Sessions</h1>
<div id="live" hx-get="/sessions" hx-select="#live" hx-swap="outerMorph" hx-trigger="news from:body">${
        sessions.length === 0
          ? html`<p class="quiet">None.</p>`
          : html`<div class="wide"><table id="sessions">
<thead><tr><th>session</th><th>state</th><th>profile</th><th>subject</th><th>client</th><th>open holds</th><th>last call</th></tr></thead>
<tbody>${sessions.slice(0, MOST).map((one) => row(one, at))}</tbody>
</table></div>`
      }${sessions.length > MOST ? html`<p class="quiet">The newest ${MOST} of ${sessions.length}; <code>GET /api/sessions</code> has all.</p>` : ''}</div>`,
    };
  },
});

const row = (one: SessionStanding, at: number): Html =>
  html`<tr><td class="id">${one.session.id}</td><td>${shownState(one).replace('_', ' ')}</td><td>${one.session.profile}</td><td class="name">${printable(one.session.principal.subject)}</td><td class="name">${printable(one.session.principal.client)}</td><td>${one.awaiting || ''}</td><td>${ago(one.touchedAt, at)}</td></tr>
`;
