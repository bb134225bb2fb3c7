/** The steps of a session's journal, for people: one line each, and behind it every entry, for those who may see journals. */
import { html } from 'hono/html';
import { entryWords } from '../../domain/entry-words.ts';
import type { Entry } from '../../domain/journal.ts';
import { printable } from '../../domain/printable.ts';
import { type Bar, type Became, type Step, waterfall } from '../timeline.ts';
import type { Html } from './sheet.ts';

export interface ShownSteps {
  readonly steps: readonly Step[];
  /** By call, where they were kept. Undefined: this person sees no journals, and of a call no more than what became of it. */
  readonly given: ReadonlyMap<string, string> | undefined;
}

export function timelinePart({ steps, given }: ShownSteps): Html {
  const bars = waterfall(steps);
  let day = '';
  return html`<ol class="timeline">${steps.map((step, at) => {
    const date = new Date(step.entries[0].at).toISOString().slice(0, 10);
    const isNew = date !== day;
    day = date;
    return html`${isNew ? html`<li class="day">${date}</li>` : ''}${stepPart(step, bars[at], given)}`;
  })}</ol>`;
}

const LOOKS: Readonly<Record<Became, string>> = {
  done: 'good',
  failed: 'warn',
  withheld: 'bad',
  'under way': '',
  held: 'warn',
  approved: 'good',
  denied: 'bad',
  lapsed: '',
  refused: 'bad',
  recorded: '',
  note: '',
};

function stepPart(step: Step, bar: Bar | undefined, given: ShownSteps['given']): Html {
  const { entries, became, title, effect, word, hold, ran } = step;
  const kind = became.replace(' ', '-');
  return html`<li class="step ${kind}">
<div class="when">${timeOf(entries[0])}</div>
<div class="what"><strong>${printable(title)}</strong> ${effect === undefined ? '' : html`<span class="tag ${effect === 'irreversible' ? 'warn' : ''}">${effect}</span>`}
${became === 'note' ? '' : html`<span class="tag ${LOOKS[became]}">${becameWords(became, word)}</span>`}
${hold === undefined ? '' : html`<a class="quiet" href="/holds/${hold}">${decisionWords(entries) ?? 'held'}</a>`}
${given === undefined ? '' : details(step, given)}</div>
<div class="took">${bar === undefined || became === 'note' ? '' : svgOf(bar, kind)}<span>${ran === undefined ? '' : lengthOf(ran.to - ran.from)}</span></div>
</li>
`;
}

/** Of these one word more is told: why. */
const TOLD: readonly Became[] = ['failed', 'withheld', 'refused'];

const becameWords = (became: Became, word: string | undefined): string => {
  if (became === 'held') return 'waits for a person';
  return word === undefined || !TOLD.includes(became) ? became : `${became}: ${printable(word)}`;
};

/** Who answered what was asked, where that is among these entries. */
function decisionWords(entries: readonly Entry[]): string | undefined {
  const answers = entries.flatMap(({ kind, body }) =>
    kind === 'decided'
      ? [`${body['verdict'] === 'approve' ? 'approved' : 'denied'} by ${printable(String(body['by']))}`]
      : [],
  );
  return answers.length === 0 ? undefined : answers.join(', ');
}

/** Longer arguments are cut here: `tollgate trace` has them whole. */
const MOST_SHOWN = 4_000;

function details({ entries, call }: Step, given: ReadonlyMap<string, string>): Html {
  const said = call === undefined ? undefined : given.get(call);
  const [first] = entries;
  return html`<details><summary>${whyOf(entries) ?? first.kind}</summary>
<ul class="entries">${entries.map((entry) => html`<li><span class="quiet">${entry.seq} ${timeOf(entry)}</span> ${entry.kind} <span>${entryWords(entry).join(' ')}</span></li>`)}</ul>
${said === undefined ? '' : html`<pre>${printable(said.slice(0, MOST_SHOWN))}${said.length > MOST_SHOWN ? ` … ${said.length - MOST_SHOWN} more characters` : ''}</pre>`}
</details>`;
}

/** The rules that decided, or why. */
function whyOf(entries: readonly Entry[]): string | undefined {
  for (const key of ['why', 'rules', 'needs', 'type', 'verb']) {
    const [found] = entries.flatMap(({ body }) => body[key] ?? []);
    if (found !== undefined) return printable(String(found));
  }
  return undefined;
}

const svgOf = ({ from, length }: Bar, kind: string): Html =>
  html`<svg viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" class="fall ${kind}"><rect x="${from}" y="1" width="${length}" height="8" rx="4"></rect></svg>`;

const timeOf = ({ at }: Pick<Entry, 'at'>): Html => {
  const text = new Date(at).toISOString();
  return html`<time datetime="${text}" title="${text}">${text.slice(11, 19)}</time>`;
};

/** Milliseconds, in the unit that people read. */
function lengthOf(length: number): string {
  if (length < 1000) return `${length} ms`;
  return length < 60_000 ? `${(length / 1000).toFixed(1)} s` : `${Math.floor(length / 60_000)} min`;
}
