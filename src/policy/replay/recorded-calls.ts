/** The calls that a ledger has on record, as policies judge them. Reads, and writes nothing. */
import { LOOP_KINDS, SESSIONS } from '../../domain/budget.ts';
import type { Entry } from '../../domain/journal.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { CONTINUE } from '../../domain/names.ts';
import type { Outcome, OutcomeWord } from '../../domain/outcome.ts';
import type { Observed } from '../../domain/policy.ts';
import type { Ledger } from '../../domain/ports.ts';
import { nameOf } from '../../domain/principal.ts';
import type { Session } from '../../domain/session.ts';
import type { RecordedCall } from './recorded-call.ts';

const JUDGED: readonly unknown[] = ['tools/call', 'resources/read', 'prompts/get'];

type Recorded = Pick<Ledger, 'content' | 'journal' | 'recorded'>;

export async function recordedCalls(ledger: Recorded, session: Session): Promise<readonly RecordedCall[]> {
  const entries = await ledger.journal(session.id);
  const outcomes = new Map(entries.flatMap((one) => (one.kind === 'outcome' ? [[one.call, one] as const] : [])));
  const intents = entries.filter(({ kind }) => kind === 'intent');
  const approved = new Set(
    intents.filter(({ body }) => body['grant'] !== undefined).map(({ body }) => String(body['digest'])),
  );
  const calls: RecordedCall[] = [];
  for (const entry of entries) {
    if (entry.call === undefined) continue;
    if (entry.kind === 'intent') calls.push(await ranCall(ledger, session, entry, outcomes.get(entry.call)));
    else if (entry.kind === 'refused') calls.push(...(await refusedCall(ledger, session, entry, approved)));
  }
  return calls;
}

const sharedOf = ({ id, principal }: Session, { call = '', at, body }: Entry) => ({
  call,
  session: id,
  // The actor chain does not separate principals.
  principal: [nameOf(principal), principal.client, principal.tenant].join(' '),
  at,
  isJudged: JUDGED.includes(body['operation']) && body['shown_for'] === undefined,
  target: String(body['target']),
});

async function ranCall(
  ledger: Recorded,
  session: Session,
  entry: Entry,
  outcome: Entry | undefined,
): Promise<RecordedCall> {
  const { body, call = '' } = entry;
  const recorded = outcome === undefined ? undefined : await ledger.recorded(call);
  return {
    ...sharedOf(session, entry),
    isNamedByAgent: false,
    arguments: await argumentsOf(ledger, call),
    verdict: body['grant'] === undefined ? 'allow' : 'hold',
    ran: {
      settledAt: outcome?.at,
      outcome: outcomeWordOf(outcome),
      result: recorded && resultOf(recorded.outcome),
      effect: String(body['effect']),
      policy: String(body['policy']),
    },
    observed: observedIn(body['observed']),
  };
}

const resultOf = (outcome: Outcome): JsonObject | undefined => ('result' in outcome ? outcome.result : undefined);

const outcomeWordOf = (entry: Entry | undefined): OutcomeWord | undefined =>
  entry === undefined ? undefined : (String(entry.body['outcome']) as OutcomeWord);

const VERDICTS: Readonly<Record<string, RecordedCall['verdict']>> = {
  denied: 'deny',
  target_unknown: 'deny',
  held: 'hold',
  over_budget: 'stop',
};

const NOT_REPLAYED: ReadonlySet<string> = new Set(['runtime', SESSIONS, ...LOOP_KINDS]);

/** Nothing for what was refused for another reason than the policy's, and for a hold whose call ran later. */
async function refusedCall(
  ledger: Recorded,
  session: Session,
  entry: Entry,
  approved: ReadonlySet<string>,
): Promise<readonly RecordedCall[]> {
  const { body, call = '' } = entry;
  const verdict = VERDICTS[String(body['reason'])];
  // What others used, how long it took and how often it failed is not replayed.
  const isOther = verdict === 'stop' && (body['window'] !== undefined || NOT_REPLAYED.has(String(body['kind'])));
  const ranLater = verdict === 'hold' && approved.has(String(body['digest']));
  if (verdict === undefined || isOther || ranLater || body['target'] === CONTINUE) return [];
  const kept = await argumentsOf(ledger, call);
  const shared = sharedOf(session, entry);
  return [{ ...shared, isNamedByAgent: true, arguments: kept, verdict, ran: undefined, observed: [] }];
}

async function argumentsOf(ledger: Recorded, call: string): Promise<JsonObject | undefined> {
  const text = await ledger.content(call, 'arguments');
  const value = text === undefined ? undefined : (JSON.parse(text) as JsonValue);
  return isObject(value) ? value : undefined;
}

const observedIn = (value: JsonValue | undefined): readonly Observed[] =>
  (Array.isArray(value) ? (value as readonly JsonValue[]) : []).filter(isObject) as unknown as readonly Observed[];
