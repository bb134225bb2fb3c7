/** The effective arguments of a call, each in full: what an approval is bound to. Nothing is left out, and nothing is folded at first. */
import { html } from 'hono/html';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { revealed } from './revealed.ts';
import type { Html } from './sheet.ts';

/** Longer ones (characters) can be folded away by who has read them. */
const LONG = 600;

export function argumentList(effective: JsonObject): Html {
  const given = Object.entries(effective);
  if (given.length === 0) return html`<p class="quiet">It takes no arguments.</p>`;
  return html`<dl class="arguments">${given.map(([name, value]) => one(name, value))}</dl>
`;
}

const one = (name: string, value: JsonValue | undefined): Html =>
  html`<div><dt><code>${revealed(name)}</code> <span class="quiet">${kindOf(value)}</span></dt><dd>${shownValue(value)}</dd></div>
`;

/** A value as it is: text without quotes (its kind stands beside), everything else as JSON. */
function shownValue(value: JsonValue | undefined): Html {
  const text = textOf(value);
  if (text === '') return html`<pre class="quiet">empty</pre>`;
  const whole = html`<pre>${revealed(text)}</pre>`;
  return text.length > LONG
    ? html`<details open><summary>${text.length} characters</summary>${whole}</details>`
    : whole;
}

export const textOf = (value: JsonValue | undefined): string =>
  typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '');

/** So that `"5"` and `5` differ to the eye. */
function kindOf(value: JsonValue | undefined): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `list of ${value.length}`;
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'yes or no' : typeof value;
}
