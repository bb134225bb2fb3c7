import { hash } from 'node:crypto';
import type { Committed, Settled } from '../domain/call.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger, Now } from '../domain/ports.ts';

/** Writes what became of the intent, before anybody hears of it. A result that may be asked for again is kept. */
export const settle =
  (ledger: Ledger, now: Now) =>
  async (call: Committed, outcome: Outcome): Promise<Settled> => {
    const text = JSON.stringify(outcome);
    await ledger.settle({
      call: call.id,
      session: call.session.id,
      at: now(),
      outcome: outcome.outcome,
      recorded: call.contract.effect === 'read' ? undefined : text,
      body: {
        intent: call.entry,
        digest: `sha256:${hash('sha256', text)}`,
        ...('why' in outcome ? { why: outcome.why } : {}),
      },
    });
    return { id: call.id, outcome, recordedAt: undefined };
  };
