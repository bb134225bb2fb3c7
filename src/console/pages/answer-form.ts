/** The two forms of an answer. Each asks for a proof of its own: to be signed in answers nothing. */
import { html } from 'hono/html';
import { kindsAsked } from '../../domain/extension.ts';
import type { Decision, Hold } from '../../domain/hold.ts';
import type { ApiCaller } from '../../domain/person.ts';
import { printable } from '../../domain/printable.ts';
import type { Problem } from '../problem.ts';
import { csrfField } from './layout.ts';
import type { Html } from './sheet.ts';

/** An answer that was not taken: why, and what was typed. A passphrase is never given back. */
export interface Refused {
  readonly verdict: Decision['verdict'];
  readonly problem: Problem;
  readonly fields: Readonly<Record<string, string>>;
}

/** Who may answer it, here. */
export function answerForm(hold: Hold, caller: ApiCaller, csrf: string, refused: Refused | undefined): Html {
  const said = (verdict: Decision['verdict'], name: string): string =>
    refused?.verdict === verdict ? (refused.fields[name] ?? '') : '';
  return html`<section id="answer-open" class="card answer" aria-label="Your answer" hx-morph-skip>
${whyRefused(refused)}
<form id="approve" method="post" action="/holds/${hold.id}/approve" data-passkey="hold" data-hold="${hold.id}" data-verdict="approve">
${csrfField(csrf)}${username(caller)}
${kindsAsked(hold).map((kind) => extendField(kind, said('approve', `extend.${kind}`)))}
<label for="approve-because">Words <span class="quiet">optional, for the journal</span></label>
<textarea id="approve-because" name="because" rows="1" maxlength="500">${said('approve', 'because')}</textarea>
${passphraseField('approve')}
<button class="primary">Approve this exact call</button>
</form>
<details id="deny"${refused?.verdict === 'deny' ? html` open` : ''}>
<summary>Deny it</summary>
<form method="post" action="/holds/${hold.id}/deny" data-passkey="hold" data-hold="${hold.id}" data-verdict="deny">
${csrfField(csrf)}${username(caller)}
<label for="deny-because">Why <span class="quiet">the agent reads this</span></label>
<textarea id="deny-because" name="because" rows="2" maxlength="500" required>${said('deny', 'because')}</textarea>
${passphraseField('deny')}
<button class="danger">Deny</button>
</form>
</details>
</section>`;
}

/** What is told instead of the forms; with what was typed, where an answer came too late. */
export const noAnswer = (words: Html, refused: Refused | undefined): Html =>
  html`<section id="answer-closed" class="card answer" aria-label="Your answer">${whyRefused(refused)}
${refused?.fields['because'] ? html`<p class="quiet">You wrote: “${printable(refused.fields['because'])}”</p>` : ''}
<p>${words}</p></section>`;

const whyRefused = (refused: Refused | undefined): Html =>
  refused === undefined
    ? html``
    : html`<p class="notice bad" role="alert">Not taken: ${printable(refused.problem.detail)}.</p>`;

/** Whose passphrase it is, for password managers. */
const username = ({ principal }: ApiCaller): Html =>
  html`<input type="text" autocomplete="username" value="${printable(principal.subject)}" hidden readonly>`;

const passphraseField = (verdict: string): Html =>
  html`<label for="${verdict}-passphrase">Your passphrase</label>
<input id="${verdict}-passphrase" type="password" name="passphrase" autocomplete="current-password" maxlength="1024" required>`;

const EXAMPLES: Readonly<Record<string, string>> = { runtime: '30m', spend: '2.50' };

const extendField = (kind: string, said: string): Html =>
  html`<label for="extend-${kind}">How much more: ${kind.replaceAll('_', ' ')}</label>
<input id="extend-${kind}" name="extend.${kind}" value="${said}" placeholder="${EXAMPLES[kind] ?? '50'}" autocomplete="off" maxlength="30" required>`;
