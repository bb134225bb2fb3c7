/** What the forms of matters have in common: whose passphrase it is, and why one that was sent was not taken. */
import { html } from 'hono/html';
import type { ApiCaller } from '../../domain/person.ts';
import { printable } from '../../domain/printable.ts';
import type { Problem } from '../problem.ts';
import { csrfField } from './layout.ts';
import type { Html, Sheet } from './sheet.ts';

/** A form that was not taken: why, and what was typed. A passphrase is never given back. */
export interface NotTaken {
  readonly problem: Problem;
  readonly fields: Readonly<Record<string, string>>;
}

/** The last of a form: every change needs a proof of its own. */
export const proofFields = ({ principal }: ApiCaller, csrf: string): Html =>
  html`${csrfField(csrf)}<input type="text" autocomplete="username" value="${printable(principal.subject)}" hidden readonly>
<label for="passphrase">Your passphrase</label>
<input id="passphrase" type="password" name="passphrase" autocomplete="current-password" maxlength="1024" required>`;

export const whyNotTaken = (refused: NotTaken | undefined): Html =>
  refused === undefined
    ? html``
    : html`<p class="notice bad" role="alert">Not taken: ${printable(refused.problem.detail)}.</p>`;

/** Of a page that shows again a form which was not taken. */
export function statusOf(refused: NotTaken | undefined): Pick<Sheet, 'status'> {
  if (refused === undefined) return {};
  const { status } = refused.problem;
  return { status: status === 400 || status === 404 || status === 409 || status === 429 ? status : 403 };
}
