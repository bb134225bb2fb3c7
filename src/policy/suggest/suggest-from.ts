/** A suggestion from what a ledger has on record. Reads, and writes nothing. */
import { isAlwaysApproved, OFTEN, statisticsOf } from '../../domain/approval-statistics.ts';
import type { Ledger } from '../../domain/ports.ts';
import type { HoldsAsked } from '../../domain/records.ts';
import { type Result, refuse } from '../../domain/result.ts';
import type { PolicySource } from '../file/load.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';
import { recordedCalls } from '../replay/recorded-calls.ts';
import { type Suggestion, suggest } from './suggest.ts';

export interface SuggestingFrom {
  readonly ledger: Pick<Ledger, 'content' | 'describe' | 'journal' | 'recorded' | 'records'>;
  readonly source: PolicySource;
  readonly profile: string;
  readonly rule: string;
  /** Whose approvals count, since when. */
  readonly asked: HoldsAsked;
  readonly dirOf: (session: string) => string;
}

/** The newest so many sessions are read. */
const MOST_SESSIONS = 50;

/** Refused with a sentence without a full stop. */
export async function suggestFrom(from: SuggestingFrom): Promise<Result<Suggestion, string>> {
  const { ledger, source, profile, rule, asked, dirOf } = from;
  const holds = (await ledger.records.asked(asked)).filter(
    (one) => one.profile === profile && one.rules.includes(rule),
  );
  const counts = statisticsOf(holds).find((one) => one.rule === rule);
  if (counts === undefined || !isAlwaysApproved(counts))
    return refuse(`it was not approved at least ${OFTEN} times and never denied in this time`);
  if (holds.some(({ effect }) => effect === 'irreversible')) return refuse('what cannot be undone is always asked for');
  const used = holds.filter(({ usedBy }) => usedBy.length > 0);
  const sessions = new Set([...new Set(used.map(({ session }) => session))].slice(0, MOST_SESSIONS));
  const calls: RecordedCall[] = [];
  for (const id of sessions) {
    const found = await ledger.describe(id, asked.at);
    if (found !== undefined) calls.push(...(await recordedCalls(ledger, found.session)));
  }
  const ids = new Set(used.filter(({ session }) => sessions.has(session)).flatMap(({ usedBy }) => usedBy));
  const approved = calls.filter(({ call, ran }) => ids.has(call) && ran !== undefined);
  if (approved.length < OFTEN) return refuse(`fewer than ${OFTEN} of the calls that were approved have run`);
  return suggest({ source, rule, approved, calls, dirOf });
}
