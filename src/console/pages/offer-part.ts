/** All that accepting would change, word for word and line by line: what goes struck out, what comes underlined. */
import { html } from 'hono/html';
import type { Changed, FileChange, Offer, PinChange } from '../../domain/policies-in-view.ts';
import { piecesOf, revealed, revealedPieces } from './revealed.ts';
import type { Html } from './sheet.ts';

const HEADS: Readonly<Record<Offer['kind'], string>> = {
  policy: 'The file says more than is in force',
  pins: 'The servers say something else than was accepted',
};

export const offerPart = ({ kind, wider, pins, files }: Offer): Html =>
  html`<section aria-label="What waits"><p class="notice warn">${HEADS[kind]}. Until a person accepts it, ${kind === 'policy' ? 'the last accepted version stays in force' : 'agents cannot use what changed'}.</p>
${wider.length === 0 ? '' : html`<h2>Wider by</h2><ul class="plain wider">${wider.map((line) => html`<li><code>${revealed(line)}</code></li>`)}</ul>`}
${pins.length === 0 ? '' : html`<h2>What agents would read</h2>${pins.map(pinPart)}`}
${files.length === 0 ? '' : html`<h2>The policy's files</h2>${files.map(filePart)}`}
</section>`;

const pinPart = ({ heading, words }: PinChange): Html =>
  html`<section class="pin"><h3>${revealed(heading)}</h3><pre class="diff">${words.map(word)}</pre></section>
`;

const word = ({ how, text }: Changed): Html => {
  // One blank at an end parts it from its neighbours.
  const [, head = '', inner = '', tail = ''] = /^( ?)(.*?)( ?)$/s.exec(text) ?? [];
  return changed(how, html`${head}${revealed(inner)}${tail}`);
};

const changed = (how: Changed['how'], shown: Html): Html => {
  if (how === 'same') return shown;
  return how === 'gone' ? html`<del>${shown}</del>` : html`<ins>${shown}</ins>`;
};

/** The blanks that begin it are its indentation. */
const line = ({ how, text }: Changed): Html => changed(how, html`${revealedPieces(piecesOf(`\n${text}`)).slice(1)}`);

const SIGNS: Readonly<Record<Changed['how'], string>> = { same: ' ', gone: '−', new: '+' };

const filePart = ({ file, lines }: FileChange): Html =>
  html`<section class="pin"><h3><code>${revealed(file)}</code></h3><div class="diff lines" tabindex="0" role="group" aria-label="Changed lines">${lines.map(
    (one) =>
      html`<div class="${one.how}"><span class="sign" aria-hidden="true">${SIGNS[one.how]}</span>${line(one)}</div>`,
  )}</div></section>
`;
