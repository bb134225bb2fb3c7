/** How a hold stands now, in one line and the answers so far: waiting, waiting for the agent, what became of the call. */
import { html } from 'hono/html';
import type { Decision, Hold } from '../../domain/hold.ts';
import type { MadeCall } from '../../domain/memory.ts';
import { printable } from '../../domain/printable.ts';
import { ago, span } from './ago.ts';
import type { Html } from './sheet.ts';
import { timeLeft } from './time-left.ts';

/** `calls`: those that used it, as far as they are known. */
export const holdState = (hold: Hold, calls: readonly MadeCall[], at: number): Html =>
  html`<div id="state" class="state ${TONES[hold.state]}" role="status">${line(hold, calls, at)}${answers(hold, at)}</div>`;

const TONES: Readonly<Record<Hold['state'], string>> = {
  open: 'open',
  approved: 'good',
  used: 'good',
  denied: 'bad',
  lapsed: 'dim',
};

function line(hold: Hold, calls: readonly MadeCall[], at: number): Html {
  const { state, terms, expiresAt, decisions } = hold;
  switch (state) {
    case 'open':
      return html`<p><b>${terms.quorum === 1 ? 'Waits for a person' : `${decisions.length} of ${terms.quorum} people approved`}</b>, lapses in ${timeLeft(expiresAt, at)}</p>`;
    case 'approved':
      return html`<p><b>Approved</b>, waiting for the agent, lapses in ${timeLeft(expiresAt, at)}${terms.uses === 1 ? '' : html` <span class="quiet">used ${hold.usedBy.length} of ${terms.uses} times</span>`}</p>${ran(calls, at)}`;
    case 'used':
      return html`${calls.length === 0 ? html`<p><b>Used</b>: the call was made</p>` : ran(calls, at)}`;
    case 'denied':
      return html`<p><b>Denied</b>: the agent is told, and this exact call stays denied in its session</p>`;
    case 'lapsed':
      return html`<p><b>Lapsed</b>: ${lapse(hold, at)}. Nothing runs on it; the agent may ask again</p>`;
  }
}

function lapse({ terms, decisions, expiresAt, usedBy }: Hold, at: number): string {
  if (usedBy.length > 0) return 'the rest of its uses came too late';
  if (at < expiresAt) return 'what it was bound to changed, or its session ended';
  return decisions.length < terms.quorum ? 'too few people answered in time' : 'the agent did not call in time';
}

const OUTCOMES: Readonly<Record<NonNullable<MadeCall['outcome']>, string>> = {
  ok: 'The call was made, and went well',
  tool_error: 'The call was made, and the tool answered with an error',
  rpc_error: 'The call was made, and the server refused it',
  withheld: 'The call was made; its result broke a promise and was withheld from the agent',
  not_sent: 'The call did not leave: nothing was done',
  unknown: 'Nobody knows whether the call was done: the connection broke before an answer came',
  executed: 'No answer came, and a person found out that the call was done',
  not_executed: 'No answer came, and a person found out that nothing was done',
};

const ran = (calls: readonly MadeCall[], at: number): Html =>
  html`${calls.map(({ at: begun, outcome, settledAt = at }) =>
    outcome === undefined
      ? html`<p><b>Running</b> for ${span(at - begun)}</p>`
      : html`<p><b>${OUTCOMES[outcome]}</b>, after ${span(settledAt - begun)} <span class="quiet">${ago(settledAt, at)}</span></p>`,
  )}`;

const answers = ({ decisions }: Hold, at: number): Html =>
  decisions.length === 0 ? html`` : html`<ul class="plain">${decisions.map((one) => answer(one, at))}</ul>`;

const answer = ({ verdict, by, at: then, because }: Decision, at: number): Html =>
  html`<li><span class="tag ${verdict === 'approve' ? 'good' : 'bad'}">${verdict === 'approve' ? 'approved' : 'denied'}</span> by ${printable(by)} <span class="quiet">${ago(then, at)}</span>${because === undefined ? '' : html`: “${printable(because)}”`}</li>`;
