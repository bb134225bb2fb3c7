/** What each rule asked of people: how often, how fast they answered, what they said; and which rule could answer for them. */
import { html } from 'hono/html';
import { isAlwaysApproved, OFTEN, type RuleStatistics } from '../../domain/approval-statistics.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy, type Right } from '../../domain/role.ts';
import { type ApprovalRoutesOptions, approvalStatistics, SPANS, type Span } from '../approval-routes.ts';
import { span } from './ago.ts';
import type { Html, Page } from './sheet.ts';

/** Who may see a suggestion: it quotes the policy and the arguments of calls. */
export const SEES_SUGGESTIONS: readonly Right[] = ['see journals', 'change sessions'];

export const spanIn = (query: Readonly<Record<string, string>>): Span =>
  SPANS.find((days) => days === query['days']) ?? '7';

export const statisticsPage = (options: ApprovalRoutesOptions): Page => ({
  path: '/statistics',
  rights: ['see holds'],
  show: async ({ caller, query }) => {
    const days = spanIn(query);
    const rules = await approvalStatistics(caller, days, options);
    const links = SEES_SUGGESTIONS.some((right) => mayBy(caller.person?.roles ?? [], right));
    const asked = rules.reduce((sum, one) => sum + one.asked, 0);
    return {
      title: 'Statistics',
      place: 'Statistics',
      live: ['holds'],
      body: html`<h1>What people were asked</h1>
<nav class="tabs" aria-label="Spans">${SPANS.map((one) => tab(one, one === days))}</nav>
<div id="live" hx-get="/statistics?days=${days}" hx-select="#live" hx-swap="outerMorph" hx-trigger="news from:body">${
        rules.length === 0
          ? html`<p class="empty">No rule asked anybody in ${days} days.</p>`
          : html`<p class="quiet">${rules.length === 1 ? '1 rule' : `${rules.length} rules`} asked ${asked === 1 ? 'once' : `${asked} times`} in ${days} days.</p>
<ul class="rows" id="rules">${rules.map((one) => row(one, days, links))}</ul>`
      }</div>
<p class="quiet">A rule that was approved at least ${OFTEN} times and never denied may be made a rule: Tollgate writes the lines, a person takes them into the policy.</p>`,
    };
  },
});

const tab = (days: Span, isHere: boolean): Html =>
  isHere
    ? html`<a href="/statistics?days=${days}" aria-current="page">${days} days</a>`
    : html`<a href="/statistics?days=${days}">${days} days</a>`;

const row = (one: RuleStatistics, days: Span, links: boolean): Html =>
  html`<li class="rule">
<div class="head"><strong>${printable(one.rule)}</strong> <span class="quiet">${printable(one.profile)}</span></div>
<div class="counts">${barOf(one)}<div>${wordsOf(one)}</div></div>
<div class="answered"><span class="quiet">half answered within</span> <strong>${one.median === undefined ? '–' : span(one.median)}</strong></div>
${isAlwaysApproved(one) && links ? html`<div><a class="button" href="/statistics/rule?${new URLSearchParams({ profile: one.profile, rule: one.rule, days }).toString()}">Make it a rule</a></div>` : html`<div></div>`}
</li>
`;

const PARTS = ['approved', 'denied', 'lapsed', 'waiting'] as const;

/** The parts of all that was asked, side by side. */
function barOf(one: RuleStatistics): Html {
  let from = 0;
  return html`<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" class="parts">${PARTS.map(
    (part) => {
      const width = Math.round((1000 * one[part]) / one.asked);
      const rect = html`<rect class="${part}" x="${from}" y="0" width="${width}" height="10"></rect>`;
      from += width;
      return rect;
    },
  )}</svg>`;
}

const wordsOf = (one: RuleStatistics): Html =>
  html`<span>asked ${one.asked}</span>${PARTS.map((part) =>
    one[part] === 0 ? '' : html` · <span class="${COLOURS[part]}">${part} ${one[part]}</span>`,
  )}`;

const COLOURS: Readonly<Record<(typeof PARTS)[number], string>> = {
  approved: 'good',
  denied: 'bad',
  lapsed: 'quiet',
  waiting: 'warn',
};
