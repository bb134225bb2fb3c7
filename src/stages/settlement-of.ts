import { hash } from 'node:crypto';
import type { Amounts } from '../domain/budget.ts';
import type { Committed } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import { type Fields, NO_FIELDS } from '../domain/history.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Settlement } from '../domain/ports.ts';
import { spentOf } from '../policy/output/spent.ts';

/** What the ledger is told of an outcome. A result that may be asked for again is kept. */
export function settlementOf(call: Committed, outcome: Outcome, at: number): Settlement {
  const text = JSON.stringify(outcome);
  return {
    call: call.id,
    session: call.session.id,
    at,
    outcome: outcome.outcome,
    fields: fieldsOf(call, outcome),
    unspent: unspentOf(call, outcome),
    recorded: isAskedFor(call) ? text : undefined,
    body: {
      intent: call.entry,
      digest: `sha256:${hash('sha256', text)}`,
      ...('why' in outcome ? { why: outcome.why } : {}),
    },
  };
}

/** Whether the outcome may be asked for again: by an identical call, by whoever waits for the hold, by a round that comes late. */
const isAskedFor = ({ contract, grant, open }: Committed): boolean =>
  contract.effect !== 'read' || grant !== undefined || (open !== undefined && (open.rounds > 0 || open.isTask));

/** Of a result, what rules over earlier calls may ask later. */
function fieldsOf({ profile, contract }: Committed, outcome: Outcome): Fields {
  const recorder = profile.recorders.get(targetOf(contract));
  return recorder !== undefined && 'result' in outcome ? recorder.ofResult(outcome.result) : NO_FIELDS;
}

/** A call that claimed the most it may spend gets back what its result says it did not. */
function unspentOf({ claims, contract, policy }: Committed, outcome: Outcome): Amounts {
  const { spend } = claims;
  if (spend === undefined || contract.spendFrom === undefined || outcome.outcome !== 'ok') return {};
  const spent = spentOf(outcome.result, contract.spendFrom, policy.output?.from ?? 'structured');
  return spent === undefined || spent >= spend ? {} : { spend: spend - spent };
}
