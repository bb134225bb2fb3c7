/** What is different from a call of the same tool that people approved before, argument by argument. */
import { html } from 'hono/html';
import type { Hold } from '../../domain/hold.ts';
import { canonical, type JsonObject } from '../../domain/json.ts';
import { printable } from '../../domain/printable.ts';
import { ago } from './ago.ts';
import { textOf } from './argument-list.ts';
import { piecesOf, revealed, revealedPieces } from './revealed.ts';
import type { Html } from './sheet.ts';

/** `before`: the newest of those that were approved; undefined where there is none. */
export function changedArguments(hold: Hold, before: Hold | undefined, at: number): Html {
  if (before === undefined)
    return html`<p class="quiet">No call of ${printable(hold.target)} was approved before, for this principal or in this session.</p>`;
  const names = changedNames(before.effective, hold.effective);
  const when = before.decisions.at(-1)?.at ?? before.placedAt;
  const told = html`<a href="/holds/${before.id}">the call that was approved ${ago(when, at)}</a>`;
  if (names.length === 0) return html`<p class="quiet">Every argument is as in ${told}.</p>`;
  return html`<p class="quiet">Against ${told}:</p>
<dl class="arguments changes">${names.map((name) => change(name, before.effective, hold.effective))}</dl>`;
}

/** In the order of the new call, then those that are gone. */
function changedNames(before: JsonObject, after: JsonObject): readonly string[] {
  const names = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...names].filter((name) => said(before, name) !== said(after, name));
}

const said = (given: JsonObject, name: string): string | undefined => {
  const value = Object.hasOwn(given, name) ? given[name] : undefined;
  return value === undefined ? undefined : canonical(value);
};

function change(name: string, before: JsonObject, after: JsonObject): Html {
  const [was, is] = [before, after].map((one) => (Object.hasOwn(one, name) ? piecesOf(textOf(one[name])) : undefined));
  const [head, tail] = was === undefined || is === undefined ? [0, 0] : common(was, is);
  return html`<div><dt><code>${revealed(name)}</code></dt><dd>
${side('was', was, head, tail)}
${side('is', is, head, tail)}</dd></div>
`;
}

function side(word: 'was' | 'is', pieces: readonly string[] | undefined, head: number, tail: number): Html {
  const begin = html`<span class="side">${word}</span> `;
  if (pieces === undefined) return html`<pre class="${word}">${begin}<span class="quiet">not given</span></pre>`;
  const shown = revealedPieces(pieces);
  const end = shown.length - tail;
  return html`<pre class="${word}">${begin}${shown.slice(0, head)}<mark>${shown.slice(head, end)}</mark>${shown.slice(end)}</pre>`;
}

/** How many pieces both begin with, and how many of the rest both end with. */
function common(one: readonly string[], other: readonly string[]): readonly [head: number, tail: number] {
  const most = Math.min(one.length, other.length);
  let head = 0;
  while (head < most && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < most - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  return [head, tail];
}
