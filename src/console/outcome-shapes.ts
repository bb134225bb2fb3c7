/** What the API takes and gives of calls of unknown outcome: judged and documented by these, as `shapes.ts` has it. */
import { z } from 'zod';
import { passphrase } from './hold-shapes.ts';
import { asker, sessionId } from './shapes.ts';

const time = z.iso.datetime();
const text = z.string();
const outcome = z.enum(['executed', 'not_executed']);

export const outcomeListing = z.strictObject({
  state: z.enum(['unknown', 'all']).default('unknown').describe('unknown: those of which nobody found out.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const unknownCall = z.strictObject({
  call: sessionId,
  session: sessionId,
  target: text.describe('server.tool, as policies write it.'),
  effect: z.enum(['draft', 'write', 'irreversible']),
  arguments: z.record(z.string(), z.unknown()).describe('Exactly what was sent.'),
  agent_reason: text.nullable().describe("The agent's own unverified words."),
  lost: text.nullable().describe('How its answer was lost.'),
  principal: asker,
  sent_at: time,
  unknown_since: time,
  found: z
    .strictObject({ outcome, by: text, at: time, why: text })
    .nullable()
    .describe('What a person found out; null: nobody did.'),
});
export type UnknownCallShown = z.infer<typeof unknownCall>;

export const unknownCallPage = z.strictObject({ outcomes: z.array(unknownCall).describe('The newest first.') });

export const settling = z.strictObject({
  outcome: outcome.describe('executed: it is never sent again. not_executed: the same call may be made again.'),
  why: z.string().min(1).max(500).describe('How you found out: the agent is told, and the journal keeps it.'),
  passphrase,
});
