/** "Make it a rule": the lines that would let through what people always approved, to be copied by a person. */
import { html } from 'hono/html';
import { printable } from '../../domain/printable.ts';
import type { Suggest } from '../suggest.ts';
import type { Html, Page } from './sheet.ts';
import { SEES_SUGGESTIONS, spanIn } from './statistics-page.ts';

export interface RulePageOptions {
  readonly suggest: Suggest;
}

const LONGEST_NAME = 500;

export const rulePage = ({ suggest }: RulePageOptions): Page => ({
  path: '/statistics/rule',
  rights: SEES_SUGGESTIONS,
  show: async ({ caller, query }) => {
    const { profile = '', rule = '' } = query;
    const days = spanIn(query);
    if (profile === '' || rule === '' || profile.length + rule.length > LONGEST_NAME) return undefined;
    const made = await suggest(caller, { profile, rule, days });
    return {
      title: `A rule of ${rule}`,
      place: 'Statistics',
      body: html`<p class="quiet"><a href="/statistics?days=${days}">Statistics</a></p>
<h1>${printable(rule)} <span class="quiet">${printable(profile)}</span></h1>
${
  made.ok
    ? html`<p>People approved ${made.value.calls} calls by this rule in ${days} days and denied none. With these lines such calls run without asking; a call that differs is held as before.</p>
${made.value.anyText.length === 0 ? '' : html`<p class="notice warn">Of <code>${printable(made.value.anyText.join(', '))}</code> the lines say only how long it may be: any text would do.</p>`}
<pre class="patch" id="diff" tabindex="0">${made.value.diff.split('\n').map(lineOf)}</pre>
<p class="quiet">Nothing is written for you. Take it into the policy with <code>git apply</code> or by hand. The file is wider then: a person accepts it with <code>tollgate policy accept</code>. At a terminal the same is <code>tollgate policy suggest FILE ${printable(rule)}</code>.</p>`
    : html`<p class="notice warn" role="status">No lines can be written: ${printable(made.error)}.</p>`
}`,
    };
  },
});

function lineOf(line: string): Html {
  const shown = `${printable(line)}\n`;
  if (/^\+(?!\+\+)/.test(line)) return html`<span class="added">${shown}</span>`;
  return /^-(?!--)/.test(line) ? html`<span class="removed">${shown}</span>` : html`${shown}`;
}
