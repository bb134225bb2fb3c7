/** The policies in force, and which of them wait for a person. */
import { html } from 'hono/html';
import type { PolicyInView } from '../../domain/policies-in-view.ts';
import { printable } from '../../domain/printable.ts';
import { answersForAll, OF_ONE_TENANT, type PolicyRoutesOptions } from '../policy-routes.ts';
import { ago } from './ago.ts';
import { problemSheet } from './problem-sheet.ts';
import type { Html, Page } from './sheet.ts';

export const policiesPage = ({ policies }: PolicyRoutesOptions): Page => ({
  path: '/policies',
  rights: ['see policies'],
  show: async ({ caller, at }) => {
    if (!answersForAll(caller)) return { ...problemSheet(OF_ONE_TENANT), place: 'Policies' };
    const found = await policies.list();
    return {
      title: 'Policies',
      place: 'Policies',
      body: html`<h1>Policies in force</h1>
${found.length === 0 ? html`<p class="quiet">None yet: a gateway takes up a policy when it starts, or when an agent comes with one.</p>` : html`<ol class="inbox">${found.map((one) => row(one, at))}</ol>`}`,
    };
  },
});

const row = (policy: PolicyInView, at: number): Html =>
  html`<li id="policy-${policy.profile}" class="row">
<div class="what"><a href="/policies/${policy.profile}">${printable(policy.profile)}</a> ${waitTags(policy)}</div>
<div class="when"><span class="quiet">${sinceWords(policy, at)}</span></div>
<div class="preview"><code>${printable(policy.file)}</code></div>
<div class="why">${waitWords(policy)}</div>
<div class="by">${acceptedWords(policy)} <code class="quiet">${policy.digest.slice(0, 19)}…</code></div>
</li>
`;

/** The first of what waits, in words. */
export const waitWords = ({ wider, quarantined }: PolicyInView): string =>
  printable(
    [...wider, ...quarantined.map(({ server, names }) => `${server}: ${names.join(', ')} not as accepted`)]
      .slice(0, 3)
      .join(' · '),
  );

/** What of it waits for a person. */
export const waitTags = ({ wider, quarantined }: PolicyInView): Html => {
  const tools = quarantined.reduce((sum, { names }) => sum + names.length, 0);
  return html`${wider.length > 0 ? html`<span class="tag warn">wider file waits</span> ` : ''}${tools > 0 ? html`<span class="tag bad">${tools} in quarantine</span>` : ''}${wider.length + tools === 0 ? html`<span class="tag good">as accepted</span>` : ''}`;
};

export const sinceWords = ({ since }: PolicyInView, at: number): Html =>
  since === undefined ? html`in force` : html`in force, taken up ${ago(since, at)}`;

export const acceptedWords = ({ acceptedBy }: PolicyInView): Html =>
  acceptedBy === undefined
    ? html`<span class="quiet">nobody had to accept it</span>`
    : html`<span class="quiet">accepted by</span> <b>${printable(acceptedBy)}</b>`;
