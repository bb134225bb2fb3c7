/** What is said of a hold beside its arguments: who asks, why a person is asked, what an answer must be like. */
import { html } from 'hono/html';
import type { Effect } from '../../domain/contract.ts';
import type { Hold } from '../../domain/hold.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import { LOCAL, type Principal } from '../../domain/principal.ts';
import { printable } from '../../domain/printable.ts';
import type { Named } from '../../domain/role.ts';
import type { Terms } from '../../domain/terms.ts';
import { span } from './ago.ts';
import { revealed } from './revealed.ts';
import type { Html } from './sheet.ts';

const LOUD: Readonly<Partial<Record<Effect, string>>> = { irreversible: 'bad', write: 'warn' };

export const effectTag = (effect: Effect): Html => html`<span class="tag ${LOUD[effect] ?? ''}">${effect}</span>`;

/** `server.` in a quieter ink than the tool. */
export function targetName(target: string): Html {
  const [, server = '', tool = target] = /^([^. ]+\.)(.+)$/s.exec(target) ?? [];
  return html`<span class="server">${printable(server)}</span>${printable(tool)}`;
}

export const askerName = ({ issuer, subject, client, actors }: Principal): Html =>
  issuer === LOCAL
    ? html`<b>${printable(subject)}</b>`
    : html`<b>${printable(subject)}</b>${actors.length > 0 ? html` <span class="quiet">acted for by ${printable(actors.join(', '))}</span>` : ''} <span class="quiet">with ${printable(client)}</span>`;

/** Why a person is asked. */
export const needList = ({ needs }: Hold): Html =>
  html`<ul class="plain">${needs.map(
    ({ kind, rule, reason }) =>
      html`<li><span class="tag">${kind}</span> ${printable(reason ?? 'the rule asks for it')} <code class="quiet">${printable(rule)}</code></li>`,
  )}</ul>`;

/** What the operator says of the tool; undefined where the policy that asked is not in force here. */
export const contractWords = (policy: TargetPolicy | undefined): Html =>
  policy?.contract.can === undefined && policy?.contract.cannot === undefined
    ? html``
    : html`<p>${printable(policy.contract.can ?? '')}${policy.contract.cannot === undefined ? '' : html` <span class="quiet">It cannot: ${printable(policy.contract.cannot)}</span>`}</p>`;

const PROOFS: Readonly<Record<Terms['proof'], string>> = {
  any: 'a passphrase or a passkey',
  passphrase: 'a passphrase',
  passkey: 'a passkey',
  both: 'a passphrase and a passkey',
};

/** What an answer must be like for the call to run on it. */
export const termFacts = ({ terms, needs }: Hold): Html =>
  html`<dl class="facts">
<dt>answered by</dt><dd>${terms.quorum === 1 ? 'one person' : `${terms.quorum} people`}: ${whoMay(terms, needs)}</dd>
<dt>proof</dt><dd>${PROOFS[terms.proof]}</dd>
<dt>then</dt><dd>it runs ${terms.uses === 1 ? 'once' : `at most ${terms.uses} times`}, within ${span(terms.useWithin)}</dd>
</dl>`;

function whoMay({ approvers, allowRequester }: Terms, needs: Hold['needs']): string {
  const roles = new Set(needs.map(({ kind }) => (kind === 'budget' ? 'operator' : 'approver')));
  const who = [
    `whoever is ${[...roles].join(' and ')}`,
    ...approvers.map((list) => `of ${list.map(named).join(' or ')}`),
  ];
  return `${who.join(', and ')}${allowRequester ? '; also who asks' : ', but not who asks'}`;
}

const named = ({ kind, name }: Named): string => `${kind === 'group' ? 'group ' : ''}${printable(name)}`;

/** The agent's own words, which nobody has verified. */
export const agentWords = (words: string | undefined): Html =>
  words === undefined
    ? html``
    : html`<section aria-label="The agent's words"><h2>The agent says <span class="tag warn">unverified</span></h2>
<blockquote class="agent"><pre>${revealed(words)}</pre></blockquote></section>`;

/** The content that the arguments only point at, as it was read for this hold. */
export const contentBehind = (
  shown: { readonly tool: string; readonly text: string; readonly digest: string } | undefined,
): Html =>
  shown === undefined
    ? html``
    : html`<section aria-label="Content"><h2>What they point at</h2>
<p class="quiet">Read with ${printable(shown.tool)}, bound to your answer: if it changes, the call does not run. <code>${shown.digest.slice(0, 19)}…</code></p>
<pre class="content" tabindex="0">${revealed(shown.text)}</pre></section>`;
