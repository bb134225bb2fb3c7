/** `tollgate session show`: one session on one screen. */
import { raised } from '../domain/budget.ts';
import type { Hold } from '../domain/hold.ts';
import type { Entry } from '../domain/journal.ts';
import type { Profile } from '../domain/policy.ts';
import { nameOf } from '../domain/principal.ts';
import { printable } from '../domain/printable.ts';
import { openIn, productionAmong } from '../domain/production.ts';
import { type Described, expiryOf, isOver, shownState } from '../domain/session.ts';
import { ago } from './ago.ts';
import { EXIT, Exit } from './exit.ts';
import { timeOf, withLedger } from './ledger.ts';
import { profileInForce } from './profile-in-force.ts';
import { colours } from './terminal.ts';
import { usedWords } from './used-words.ts';

export interface ShowOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

/** The last so many calls are shown. */
const MOST_CALLS = 10;

interface LastCall {
  readonly at: number;
  readonly target: string;
  /** Its outcome, why it was refused, or that it is under way. */
  readonly became: string;
}

export const showSession = (session: string, { config, json }: ShowOptions): Promise<void> =>
  withLedger(async (ledger) => {
    const now = timeOf(ledger);
    const found = await ledger.describe(session, now);
    if (found === undefined)
      throw new Exit(EXIT.refused, [`there is no session ${printable(session)}; tollgate sessions lists them`]);
    const { lineage } = found.session;
    const holds = (await ledger.holds({ open: true }, now)).filter((hold) => hold.lineage === lineage);
    const calls = lastCalls(await ledger.journal(session));
    if (json) {
      process.stdout.write(`${JSON.stringify({ ...found, holds, calls })}\n`);
      return;
    }
    // Without its policy, what it used is shown, and not of how much.
    const profile = await profileInForce(ledger, found.session.profile, config);
    process.stdout.write(screen(found, profile.ok ? profile.value : undefined, { holds, calls, now }));
  });

function lastCalls(entries: readonly Entry[]): readonly LastCall[] {
  const outcomes = new Map(entries.flatMap((one) => (one.kind === 'outcome' ? [[one.call, one.body]] : [])));
  const made = entries.filter(({ kind }) => kind === 'intent' || kind === 'refused').slice(-MOST_CALLS);
  return made.map(({ kind, at, call, body }) => ({
    at,
    target: String(body['target']),
    became: kind === 'refused' ? `refused: ${body['reason']}` : String(outcomes.get(call)?.['outcome'] ?? 'under way'),
  }));
}

interface Beside {
  readonly holds: readonly Hold[];
  readonly calls: readonly LastCall[];
  readonly now: number;
}

function screen(found: Described, profile: Profile | undefined, { holds, calls, now }: Beside): string {
  const { session, description, extended, labels, used, touchedAt } = found;
  const { task, instructions, model, route } = description;
  const caps = profile === undefined ? {} : raised(profile.caps, extended);
  const expiry = isOver(session) ? undefined : expiryOf(session, profile?.life.maxAge);
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['task', task],
    ['instructions', instructions?.digest],
    ['model', model],
    ['route', route],
    ['profile', session.profile],
    [
      'principal',
      `${nameOf(session.principal)}, client ${session.principal.client}, tenant ${session.principal.tenant}`,
    ],
    ['folder', session.folder],
    ['opened', timeWords(session.openedAt, now)],
    ['last call', touchedAt === session.openedAt ? 'none' : timeWords(touchedAt, now)],
    ['expires', expiry === undefined ? undefined : new Date(expiry).toISOString()],
    ['labels', labels.length === 0 ? 'none' : labels.join(', ')],
    ['production', productionWords(openIn(extended), profile)],
    ['used', usedWords(used, caps)],
  ];
  const lines = [
    `${colours.bold(session.id)}  ${stateWords(found)}`,
    '',
    ...rows.flatMap(([head, text]) => (text === undefined ? [] : [row(head, text)])),
    ...listed('waits for you', holds, ({ id, target, placedAt }) => `${id}  ${target}  since ${ago(now - placedAt)}`),
    ...listed('calls', calls, ({ at, target, became }) => `${new Date(at).toISOString()}  ${target}  ${became}`),
    '',
  ];
  return lines.join('\n');
}

/** Undefined of a session that has nothing to do with production. */
function productionWords(open: readonly string[], profile: Profile | undefined): string | undefined {
  const waiting = productionAmong(profile?.servers ?? new Map()).filter((server) => !open.includes(server));
  const words = [
    ...(open.length === 0 ? [] : [`may reach ${open.join(', ')}`]),
    ...(waiting.length === 0 ? [] : [`waits for a person before it reaches ${waiting.join(', ')}`]),
  ];
  return words.length === 0 ? undefined : words.join('; ');
}

function stateWords(found: Described): string {
  const state = shownState(found);
  if (state === 'running' || state === 'created') return colours.green(state);
  return isOver(found.session) ? colours.dim(state) : colours.yellow(state);
}

const WIDTH = 15;

const row = (head: string, text: string): string => `  ${head.padEnd(WIDTH)}${printable(text)}`;

/** A row an item, the first beside the heading. */
const listed = <T>(head: string, items: readonly T[], words: (item: T) => string): readonly string[] =>
  items.map((item, place) => row(place === 0 ? head : '', words(item)));

const timeWords = (at: number, now: number): string => `${new Date(at).toISOString()}, ${ago(now - at)} ago`;
