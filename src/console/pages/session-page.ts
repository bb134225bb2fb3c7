/** One session: what it is for, how it stands, what happened in it, and what people may do to it. */
import { html } from 'hono/html';
import type { ApiCaller } from '../../domain/person.ts';
import type { Profile } from '../../domain/policy.ts';
import type { Ledger } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import { mayBy } from '../../domain/role.ts';
import { type Described, expiryOf, isOver, SESSION_VERBS } from '../../domain/session.ts';
import { type ChangeOptions, changeSession, rightFor, VERB_WORDS, type Verb } from '../change-session.ts';
import { maySee } from '../rights.ts';
import { type Step, stepsOf } from '../timeline.ts';
import { ago, span } from './ago.ts';
import { budgetBars } from './budget-bars.ts';
import { csrfField } from './layout.ts';
import { labelTags, stateTag, whose } from './session-words.ts';
import type { Form, Html, Page, Sheet, Visit } from './sheet.ts';
import { timelinePart } from './timeline-part.ts';

export interface SessionPageOptions extends ChangeOptions {
  readonly ledger: ChangeOptions['ledger'] & Pick<Ledger, 'content' | 'records'>;
  /** Those in force, by name. */
  readonly profiles: ReadonlyMap<string, Profile>;
}

/** Entries of the journal on one page. */
const A_PAGE = 80;

export const sessionPage = (options: SessionPageOptions): Page => ({
  path: '/sessions/:id',
  rights: [],
  show: (visit) => sheetOf(visit, options),
});

/** What its page offers; a session that is over is archived over the API or at a terminal. */
const OFFERED = ['pause', 'resume', 'complete'] as const satisfies readonly Verb[];
const LONGEST_REASON = 500;

export const sessionForms = (options: SessionPageOptions): readonly Form[] =>
  OFFERED.map((verb) => ({
    path: `/sessions/:id/${verb}`,
    rights: [rightFor(verb)],
    act: async (visit, { why = '' }) => {
      if (why.trim() === '' || why.length > LONGEST_REASON)
        return sheetOf(visit, options, { status: 400, words: `Say why, in at most ${LONGEST_REASON} characters`, why });
      const done = await changeSession({ caller: visit.caller, session: visit.id, verb, why }, options);
      if (done.ok) return { to: `/sessions/${visit.id}` };
      return done.error.status === 404
        ? undefined
        : sheetOf(visit, options, { status: 409, words: done.error.detail, why });
    },
  }));

/** Why a form was not acted upon, and what was typed. */
interface NotDone {
  readonly status: 400 | 409;
  readonly words: string;
  readonly why: string;
}

async function sheetOf(visit: Visit, options: SessionPageOptions, notDone?: NotDone): Promise<Sheet | undefined> {
  const { caller, id, query, at } = visit;
  const found = await options.ledger.describe(id, at);
  if (found === undefined || !maySee(caller, found.session)) return undefined;
  const before = /^\d{1,9}$/.test(query['before'] ?? '') ? Number(query['before']) : undefined;
  const entries = await options.ledger.records.entries({ session: id, before, limit: A_PAGE });
  const steps = stepsOf(entries);
  const roles = caller.person?.roles ?? [];
  const given = mayBy(roles, 'see journals') ? await givenOf(steps, options.ledger) : undefined;
  const profile = options.profiles.get(found.session.profile);
  const earliest = entries[0]?.seq ?? 1;
  const here = `/sessions/${id}${before === undefined ? '' : `?before=${before}`}`;
  return {
    ...(notDone && { status: notDone.status }),
    title: `Session ${id}`,
    place: 'Sessions',
    live: [`session:${id}`, ...(mayBy(roles, 'see holds') ? ['holds'] : [])],
    body: html`<p class="quiet"><a href="/sessions">Sessions</a></p>
${notDone === undefined ? '' : html`<p class="notice bad" role="alert">${notDone.words}.</p>`}
<div id="live" hx-get="${here}" hx-select="#live" hx-swap="outerMorph" hx-trigger="news from:body">
<h1><span class="id">${id}</span> ${stateTag(found)}</h1>
${headOf(found, profile, at)}
<h2 id="timeline">What happened${before === undefined ? '' : `, before entry ${before}`}</h2>
${given === undefined ? html`<p class="quiet">What was sent, by which rules and why, is for those who may see journals.</p>` : ''}
${earliest > 1 ? html`<p><a class="button" href="/sessions/${id}?before=${earliest}#timeline" rel="prev">Earlier</a></p>` : ''}
${timelinePart({ steps, given })}
${before === undefined ? '' : html`<p><a class="button" href="/sessions/${id}#timeline">To the newest</a></p>`}
</div>
${changesOf(found, visit, caller, notDone?.why ?? '')}`,
  };
}

async function givenOf(
  steps: readonly Step[],
  ledger: SessionPageOptions['ledger'],
): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>();
  for (const { call, became } of steps) {
    const text = call === undefined || became === 'note' ? undefined : await ledger.content(call, 'arguments');
    if (call !== undefined && text !== undefined) given.set(call, text);
  }
  return given;
}

function headOf(found: Described, profile: Profile | undefined, at: number): Html {
  const { session, description, labels, awaiting, touchedAt } = found;
  const { task, instructions, model, route } = description;
  const expiry = isOver(session) ? undefined : expiryOf(session, profile?.life.maxAge);
  const rows: readonly (readonly [string, Html | string | undefined])[] = [
    ['task', task === undefined ? undefined : html`<span class="task">${printable(task)}</span>`],
    ['instructions', instructionsOf(instructions)],
    ['model', model && printable(model)],
    ['route', route && printable(route)],
    ['whose', whose(session.principal)],
    ['profile', printable(session.profile)],
    ['folder', session.folder && printable(session.folder)],
    ['opened', ago(session.openedAt, at)],
    ['last call', touchedAt === session.openedAt ? 'none' : ago(touchedAt, at)],
    ['expires', expiry === undefined ? undefined : expiry <= at ? 'now' : `in ${span(expiry - at)}`],
    ['has touched', labels.length === 0 ? 'nothing' : labelTags(labels)],
    [
      'waits',
      awaiting === 0
        ? undefined
        : html`<a href="/">${awaiting === 1 ? '1 call' : `${awaiting} calls`} for a person</a>`,
    ],
  ];
  return html`<div class="card session-head"><dl class="facts">${rows.map(([head, words]) =>
    words === undefined || words === '' ? '' : html`<dt>${head}</dt><dd>${words}</dd>`,
  )}</dl>${budgetBars(found, profile)}</div>`;
}

const instructionsOf = (instructions: Described['description']['instructions']): Html | undefined => {
  if (instructions === undefined) return undefined;
  const { text, digest } = instructions;
  return text === undefined
    ? html`<code>${digest}</code>`
    : html`<details><summary><code>${digest.slice(0, 23)}…</code></summary><pre>${printable(text)}</pre></details>`;
};

/** The verbs that its state allows, for those who may; one reason for all of them. */
function changesOf({ session }: Described, { csrf, id }: Visit, { person }: ApiCaller, why: string): Html | '' {
  const offered = OFFERED.filter((verb) => (SESSION_VERBS[verb].from as readonly string[]).includes(session.state));
  const may = person !== undefined && !person.looksOnly && mayBy(person.roles, 'change sessions');
  if (!may || offered.length === 0) return '';
  return html`<h2 id="change">Change it</h2>
<form class="card change" method="post">${csrfField(csrf)}
<label for="why">Why <span class="quiet">kept in its journal</span></label>
<input id="why" name="why" required maxlength="${LONGEST_REASON}" value="${why}" autocomplete="off">
<div class="buttons">${offered.map((verb) => html`<button formaction="/sessions/${id}/${verb}" class="${verb === 'complete' ? 'danger' : ''}" title="${VERB_WORDS[verb]}">${BUTTONS[verb]}</button> `)}</div>
${offered.map((verb) => html`<p class="quiet">${BUTTONS[verb]}: ${VERB_WORDS[verb]}</p>`)}
</form>`;
}

const BUTTONS: Readonly<Record<(typeof OFFERED)[number], string>> = {
  pause: 'Pause',
  resume: 'Resume',
  complete: 'Complete',
};
