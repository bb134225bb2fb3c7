/** The sessions that a person may see, the newest first, a page at a time. */
import { html } from 'hono/html';
import type { Profile } from '../../domain/policy.ts';
import type { Ledger, Now } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import type { Described, ShownState } from '../../domain/session.ts';
import { seenSessions } from '../seen-sessions.ts';
import { sessionId } from '../shapes.ts';
import { ago } from './ago.ts';
import { budgetBars } from './budget-bars.ts';
import { labelTags, stateTag, whose } from './session-words.ts';
import type { Html, Page } from './sheet.ts';

export interface SessionsPageOptions {
  readonly ledger: Pick<Ledger, 'records'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly now: Now;
}

const A_PAGE = 25;
/** Of the fullest budgets so many are shown in a list. */
const BARS = 2;

const STATES: readonly ShownState[] = [
  'awaiting_approval',
  'running',
  'paused',
  'created',
  'completed',
  'expired',
  'archived',
];

export const sessionsPage = (options: SessionsPageOptions): Page => ({
  path: '/sessions',
  rights: [],
  show: async ({ caller, query, at }) => {
    const state = STATES.find((one) => one === query['state']);
    const after = sessionId.safeParse(query['after']);
    const asked = { state, limit: A_PAGE };
    const page = await seenSessions(caller, { ...asked, after: after.success ? after.data : undefined }, options);
    // Behind a session that is not there (any more) nothing follows: the list begins anew.
    const { sessions, more } = page ?? { sessions: [], more: false };
    const here = addressOf(state, after.success ? after.data : undefined);
    const last = sessions.at(-1)?.session.id;
    return {
      title: 'Sessions',
      place: 'Sessions',
      live: ['sessions'],
      body: html`<h1>Sessions</h1>
<nav class="tabs" aria-label="States">${[undefined, ...STATES].map((one) => tab(one, one === state))}</nav>
<div id="live" hx-get="${here}" hx-select="#live" hx-swap="outerMorph" hx-trigger="news from:body">${
        sessions.length === 0
          ? html`<p class="empty">${state === undefined ? 'No session has been opened yet.' : `No session is ${state.replace('_', ' ')}.`}</p>`
          : html`<ul class="rows" id="sessions">${sessions.map((one) => row(one, options.profiles.get(one.session.profile), at))}</ul>`
      }
${last === undefined || !more ? '' : html`<p><a class="button" href="${addressOf(state, last)}" rel="next">Older sessions</a></p>`}</div>`,
    };
  },
});

const tab = (state: ShownState | undefined, isHere: boolean): Html => {
  const words = state === undefined ? 'all' : state.replace('_', ' ');
  return isHere
    ? html`<a href="${addressOf(state, undefined)}" aria-current="page">${words}</a>`
    : html`<a href="${addressOf(state, undefined)}">${words}</a>`;
};

function addressOf(state: ShownState | undefined, after: string | undefined): string {
  const query = new URLSearchParams({ ...(state && { state }), ...(after && { after }) });
  return query.size === 0 ? '/sessions' : `/sessions?${query}`;
}

const row = (one: Described, profile: Profile | undefined, at: number): Html =>
  html`<li class="session">
<div class="head">${stateTag(one)} <a class="id" href="/sessions/${one.session.id}">${one.session.id}</a> <span class="quiet">${ago(one.touchedAt, at)}</span></div>
<div class="about">${one.description.task === undefined ? html`<span class="quiet">no task was said</span>` : html`<span class="task">${printable(one.description.task)}</span>`}
<div>${whose(one.session.principal)} <span class="quiet">· ${printable(one.session.profile)}</span>${one.awaiting === 0 ? '' : html` · <a href="/">${one.awaiting === 1 ? '1 call waits' : `${one.awaiting} calls wait`}</a>`}</div>
<div>${labelTags(one.labels)}</div></div>
${budgetBars(one, profile, BARS)}
</li>
`;
