/** What waits for a person beside calls: outcomes that nobody knows, tools that are not what was accepted, policies that are wider. */
import { html } from 'hono/html';
import type { UnknownCall } from '../../domain/finding.ts';
import type { ApiCaller } from '../../domain/person.ts';
import type { PolicyInView } from '../../domain/policies-in-view.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy } from '../../domain/role.ts';
import { type OutcomeRoutesOptions, reachesCall } from '../outcome-routes.ts';
import { answersForAll, type PolicyRoutesOptions } from '../policy-routes.ts';
import { ago } from './ago.ts';
import { askerName, effectTag, targetName } from './hold-facts.ts';
import { waitTags, waitWords } from './policies-page.ts';
import type { Html } from './sheet.ts';

export interface MattersOptions extends PolicyRoutesOptions {
  readonly ledger: Pick<OutcomeRoutesOptions['ledger'], 'unknowns'>;
}

/** As many as a page bears; the API has the others. */
const MOST = 50;

/** Nothing where nothing of it waits, or none of it is for this person. */
export async function mattersPart(caller: ApiCaller, at: number, { ledger, policies }: MattersOptions): Promise<Html> {
  const roles = caller.person?.roles ?? [];
  const calls = mayBy(roles, 'see outcomes') ? await ledger.unknowns({ open: true }) : [];
  const mine = calls.filter((one) => reachesCall(caller, one));
  const seen = mayBy(roles, 'see policies') && answersForAll(caller) ? await policies.list() : [];
  const waiting = seen.filter(({ wider, quarantined }) => wider.length + quarantined.length > 0);
  if (mine.length + waiting.length === 0) return html``;
  return html`<section aria-label="Other matters"><h2 class="matters">Other matters <span class="count">${mine.length + waiting.length}</span></h2>
<ol class="inbox">${mine.slice(0, MOST).map((one) => callRow(one, at))}${waiting.map(policyRow)}</ol>
${mine.length > MOST ? html`<p class="quiet">The newest ${MOST} of ${mine.length} unknown outcomes; <code>GET /api/outcomes</code> has more.</p>` : ''}</section>`;
}

const callRow = (call: UnknownCall, at: number): Html =>
  html`<li id="row-${call.id}" class="row">
<div class="what"><a href="/outcomes/${call.id}">${targetName(call.target)}</a> ${effectTag(call.effect)} <span class="tag warn">outcome unknown</span></div>
<div class="when"><span class="quiet">${ago(call.unknownSince, at)}</span></div>
<div class="why">It was sent, and no answer came: was it done?</div>
<div class="by">${askerName(call.principal)}</div>
</li>
`;

const policyRow = (policy: PolicyInView): Html =>
  html`<li id="row-policy-${policy.profile}" class="row">
<div class="what"><a href="/policies/${policy.profile}">${policy.profile}</a> ${waitTags(policy)}</div>
<div class="when"></div>
<div class="why">${waitWords(policy)}</div>
<div class="by"><code class="quiet">${printable(policy.file)}</code></div>
</li>
`;
