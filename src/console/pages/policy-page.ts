/** One policy: its texts, and all that accepting what waits would change, with the form that accepts it. */
import { html } from 'hono/html';
import { type Offer, type PolicyInView, shownDigest } from '../../domain/policies-in-view.ts';
import type { Result } from '../../domain/result.ts';
import { mayBy } from '../../domain/role.ts';
import { parsed } from '../parsed.ts';
import { acceptedBy, answersForAll, OF_ONE_TENANT, type PolicyRoutesOptions, rightFor } from '../policy-routes.ts';
import { policyAcceptance } from '../policy-shapes.ts';
import { type NotTaken, proofFields, statusOf, whyNotTaken } from './matter-form.ts';
import { offerPart } from './offer-part.ts';
import { acceptedWords, sinceWords, waitTags } from './policies-page.ts';
import { problemSheet } from './problem-sheet.ts';
import { revealed } from './revealed.ts';
import type { Form, Html, Page, Sheet, Visit } from './sheet.ts';

export const policyPage = (options: PolicyRoutesOptions): Page => ({
  path: '/policies/:id',
  rights: ['see policies'],
  show: (visit) => sheetOf(visit, undefined, options),
});

export const policyForm = (options: PolicyRoutesOptions): Form => ({
  path: '/policies/:id/accept',
  rights: ['accept pins', 'accept policies'],
  act: async (visit, { csrf: _, ...fields }) => {
    const given = parsed(policyAcceptance, fields);
    const accepted = given.ok ? await acceptedBy(visit.caller, visit.id, given.value, options) : given;
    if (accepted.ok) return { to: `/policies/${visit.id}` };
    return sheetOf(visit, { problem: accepted.error, fields }, options);
  },
});

/** Undefined where there is none. */
async function sheetOf(
  visit: Visit,
  refused: NotTaken | undefined,
  { policies }: PolicyRoutesOptions,
): Promise<Sheet | undefined> {
  const { caller, id, at } = visit;
  if (!answersForAll(caller)) return { ...problemSheet(OF_ONE_TENANT), place: 'Policies' };
  const policy = await policies.find(id);
  if (policy === undefined) return undefined;
  const offer = await policies.offer(id);
  return {
    ...statusOf(refused),
    title: policy.profile,
    place: 'Policies',
    body: html`<p class="crumb"><a href="/policies">Policies</a> / <code>${policy.profile}</code></p>
<h1 class="target">${policy.profile} ${waitTags(policy)}</h1>
<p class="asked">${sinceWords(policy, at)}, ${acceptedWords(policy)}</p>
<div class="columns"><div>
${waitsPart(offer)}
</div><aside>
${acceptPart(visit, offer, refused)}
<section class="card"><h2>Facts</h2><dl class="facts">
<dt>file</dt><dd><code>${revealed(policy.file)}</code></dd>
<dt>digest</dt><dd><code>${policy.digest}</code></dd>
</dl></section>
</aside></div>
<h2>In force</h2>
${textsPart(policy)}`,
  };
}

function waitsPart(offer: Result<Offer | undefined, string>): Html {
  if (!offer.ok) return html`<p class="notice bad">What waits cannot be told now: ${revealed(offer.error)}</p>`;
  return offer.value === undefined
    ? html`<p class="notice good">Nothing waits for a person.</p>`
    : offerPart(offer.value);
}

const textsPart = ({ texts: { files, lock } }: PolicyInView): Html =>
  html`${[...files, ...(lock === undefined ? [] : [lock])].map(
    ({ file, text }) =>
      html`<details class="text"><summary><code>${revealed(file)}</code> <span class="quiet">${text.split('\n').length} lines</span></summary><pre>${revealed(text)}</pre></details>
`,
  )}`;

function acceptPart(
  { caller, csrf, id }: Visit,
  offer: Result<Offer | undefined, string>,
  refused: NotTaken | undefined,
): Html {
  if (!offer.ok || offer.value === undefined)
    return refused === undefined ? html`` : html`<section class="card answer">${whyNotTaken(refused)}</section>`;
  if (caller.person?.looksOnly)
    return closed(
      html`You came by a link, and look. Accept it at a terminal of this machine: <code>tollgate policy accept</code>.`,
    );
  const right = rightFor(offer.value);
  if (!mayBy(caller.person?.roles ?? [], right))
    return closed(html`None of your roles lets you ${right}: somebody else reads it.`);
  const words = offer.value.kind === 'pins' ? 'Accept what the servers say now' : 'Accept this policy';
  return html`<section class="card answer" aria-label="Your answer">
${whyNotTaken(refused)}
<form method="post" action="/policies/${id}/accept">
<p>You stand for exactly what is shown here. If it changes before you answer, it is not taken.</p>
<input type="hidden" name="shown" value="${shownDigest(offer.value)}">
${proofFields(caller, csrf)}
<button class="primary">${words}</button>
</form>
</section>`;
}

const closed = (words: Html): Html =>
  html`<section class="card answer" aria-label="Your answer"><p>${words}</p></section>`;
