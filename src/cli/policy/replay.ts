/** `tollgate policy replay FILE`: what a policy would have said of the calls in the journal. Only the differences. */
import { namesOf } from '../../domain/names.ts';
import { printable } from '../../domain/printable.ts';
import { duration } from '../../policy/file/amounts.ts';
import type { RecordedCall } from '../../policy/replay/recorded-call.ts';
import { recordedCalls } from '../../policy/replay/recorded-calls.ts';
import { differs, type Replayed, type Replaying, replay } from '../../policy/replay/replay.ts';
import { count } from '../counts.ts';
import { EXIT, Exit } from '../exit.ts';
import { withLedger } from '../ledger.ts';
import { sessionFolders } from '../session-folders.ts';
import { colours } from '../terminal.ts';
import { openPolicy } from './opened.ts';

interface ReplayOptions {
  readonly since: string | undefined;
  readonly session: readonly string[] | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

const TEN_YEARS = 10 * 366 * 24 * 3_600_000;

export async function replayJournal(file: string, options: ReplayOptions): Promise<void> {
  const from = options.since === undefined ? 0 : Date.now() - spanOf(options.since);
  const { profile } = openPolicy(file, options.config);
  const names = namesOf(profile);
  if (!names.ok) throw new Exit(EXIT.config, names.error);
  const replaying: Replaying = { profile, names: names.value, dirOf: sessionFolders() };
  const all = await withLedger(async (ledger) => {
    const sessions = (await ledger.sessions(Date.now())).map(({ session }) => session);
    const strange = options.session?.filter((id) => !sessions.some((one) => one.id === id)) ?? [];
    if (strange.length > 0)
      throw new Exit(EXIT.refused, [
        `there is no session ${printable(strange.join(', '))}; tollgate sessions lists them`,
      ]);
    const calls: RecordedCall[] = [];
    // Other sessions of the same principal are history, whether they are asked for or not.
    for (const session of sessions)
      if (session.profile === profile.name) calls.push(...(await recordedCalls(ledger, session)));
    return replay(calls, replaying);
  });
  const told = all.filter(
    ({ call }) => call.at >= from && (options.session === undefined || options.session.includes(call.session)),
  );
  tell(profile.name, told, options.json);
}

function spanOf(text: string): number {
  const span = duration(TEN_YEARS, '10 years').safeParse(text);
  if (span.success) return span.data;
  throw new Exit(EXIT.usage, [`--since: ${span.error.issues[0]?.message ?? 'expected a duration such as 7d'}`]);
}

function tell(profile: string, all: readonly Replayed[], json: boolean): void {
  const differences = all.filter(differs);
  if (differences.length > 0) process.exitCode = EXIT.refused;
  if (json) {
    const listed = differences.map(({ call, target, would, rules, reason }) => ({
      at: new Date(call.at).toISOString(),
      session: call.session,
      call: call.call,
      target,
      was: call.verdict,
      ran: call.ran !== undefined,
      would: would ?? 'unknown',
      rules,
      reason,
    }));
    process.stdout.write(`${JSON.stringify({ profile, calls: all.length, differences: listed })}\n`);
    return;
  }
  for (const one of differences) process.stdout.write(`${lineOf(one)}\n`);
  const end = differences.length === 0 ? 'no difference' : count(differences.length, 'difference');
  process.stdout.write(`${count(all.length, 'call')} of ${profile}, ${end}\n`);
}

const WOULD = { allow: 'allowed', hold: 'held', deny: 'denied', stop: 'stopped' };

function lineOf({ call, target, would, rules, reason }: Replayed): string {
  const time = new Date(call.at).toISOString().slice(0, 16).replace('T', ' ');
  const by = rules.length === 0 ? '' : ` by ${printable(rules.join(', '))}`;
  const now =
    would === undefined
      ? colours.yellow(`cannot be told${by === '' ? '' : ` of ${rules.join(', ')}`}: ${reason}`)
      : `would be ${(would === 'allow' ? colours.green : colours.red)(WOULD[would])}${by}`;
  return `${time} ${call.session} ${printable(target)}: ${wasWords(call)}, ${now}`;
}

function wasWords({ verdict, ran }: RecordedCall): string {
  if (ran !== undefined) return verdict === 'hold' ? 'was held and ran' : 'ran';
  return `was ${WOULD[verdict]}`;
}
