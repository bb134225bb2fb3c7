/** The passkeys of who is signed in: which there are, one more, one less. */
import { html } from 'hono/html';
import type { PasskeyShown, Passkeys } from '../../domain/passkey.ts';
import { printable } from '../../domain/printable.ts';
import { notAnswered } from '../not-answered.ts';
import { ENROLLING } from '../passkey-routes.ts';
import { invalid, type Problem } from '../problem.ts';
import { ago } from './ago.ts';
import { csrfField } from './layout.ts';
import type { Form, Html, Page, Sheet, Visit } from './sheet.ts';

export interface PasskeysPageOptions {
  readonly passkeys: Passkeys;
}

export const passkeysPage = ({ passkeys }: PasskeysPageOptions): Page => ({
  path: '/passkeys',
  rights: ENROLLING,
  show: async (visit) => sheet(visit, passkeys, undefined),
});

/** By passphrase, without any script. A passkey can do it, too, by the API. */
export const passkeyRemoval = ({ passkeys }: PasskeysPageOptions): Form => ({
  path: '/passkeys/:id/remove',
  rights: ENROLLING,
  byProof: true,
  act: async (visit, { passphrase = '' }) => {
    if (passphrase === '') return sheet(visit, passkeys, invalid('passphrase', 'Type your passphrase to remove it'));
    const removed = await passkeys.remove(visit.caller.principal, visit.id, { passphrase });
    return removed.ok ? { to: '/passkeys' } : sheet(visit, passkeys, notAnswered(removed.error));
  },
});

function sheet({ caller, csrf, at }: Visit, passkeys: Passkeys, refused: Problem | undefined): Sheet {
  const mine = passkeys.list(caller.principal);
  const origin = passkeys.origin();
  return {
    ...(refused !== undefined && { status: refused.status === 429 || refused.status === 409 ? refused.status : 403 }),
    title: 'Passkeys',
    place: undefined,
    body: html`<h1>Passkeys</h1>
<p class="quiet">A passkey proves that you are there, as your passphrase does: once for each answer. It is made with a proof that you have already.</p>
${refused === undefined ? '' : html`<p class="notice bad" role="alert">Not done: ${refused.detail}.</p>`}
${mine.length === 0 ? html`<p>You have none yet.</p>` : mine.map((one) => card(one, { csrf, at, origin }))}
${origin === undefined ? html`<p class="notice warn">This gateway’s address is no name, so browsers take no passkeys here. Whoever runs it can set <code>listen.public_url</code>.</p>` : enrolment(csrf, origin)}`,
  };
}

interface Around {
  readonly csrf: string;
  readonly at: number;
  readonly origin: string | undefined;
}

const card = ({ id, label, origin, addedAt, enrolledBy }: PasskeyShown, { csrf, at, origin: here }: Around): Html =>
  html`<section class="card passkey-card narrow" aria-label="${printable(label)}">
<h2>${printable(label)}</h2>
<p class="quiet">Added ${ago(addedAt, at)} with ${enrolledBy === 'passkey' ? 'another passkey' : 'your passphrase'}. Works at <code>${printable(origin)}</code>${origin === here ? '' : ', which is not this gateway’s address now'}.</p>
<details><summary>Remove it</summary>
<form method="post" action="/passkeys/${id}/remove" data-passkey="remove" data-id="${id}">${csrfField(csrf)}
<p class="quiet">Approvals by it that were not used yet are void then.</p>
<label for="${id}-passphrase">Your passphrase</label>
<input id="${id}-passphrase" type="password" name="passphrase" autocomplete="current-password" maxlength="1024">
<button class="danger">Remove</button></form></details>
</section>`;

/** The browser's part takes a script; the button is there once it runs. */
const enrolment = (csrf: string, origin: string): Html =>
  html`<section class="card answer narrow" aria-label="Add a passkey">
<h2>Add a passkey</h2>
<form data-passkey="enrol">${csrfField(csrf)}
<label for="label">What you call it</label>
<input id="label" name="label" maxlength="60" required placeholder="My laptop" autocomplete="off">
<label for="passphrase">Your passphrase</label>
<input id="passphrase" type="password" name="passphrase" autocomplete="current-password" maxlength="1024" required>
<button class="primary" hidden>Add a passkey</button>
</form>
<p class="quiet">It is made and used at <a href="${origin}/passkeys"><code>${origin}</code></a>, in a browser that has passkeys and runs this page’s script.</p>
</section>`;
