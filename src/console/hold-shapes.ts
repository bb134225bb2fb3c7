/** What the API takes and gives of holds, journals and approvers: judged and documented by these, as `shapes.ts` has it. */
import { z } from 'zod';
import { PROOFS } from '../domain/terms.ts';
import { asker, sessionId } from './shapes.ts';

const time = z.iso.datetime();
const text = z.string();
/** As many as the terminal would bear; what is behind it is slow on purpose. */
export const passphrase = z
  .string()
  .min(1)
  .max(1024)
  .describe('Yours. It opens your key, which signs; it is not kept.');
const because = z.string().min(1).max(500);

export const holdListing = z.strictObject({
  state: z.enum(['open', 'all']).default('open').describe('open: those that a person can still answer.'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const hold = z.strictObject({
  id: sessionId,
  state: z.enum(['open', 'approved', 'denied', 'used', 'lapsed']),
  session: sessionId,
  target: text.describe('server.tool, as policies write it.'),
  effect: z.enum(['read', 'draft', 'write', 'irreversible']),
  arguments: z.record(z.string(), z.unknown()).describe('The exact ones: an approval is bound to them.'),
  shown: z
    .strictObject({ tool: text.describe('What read it: server.tool.'), text })
    .nullable()
    .describe('What the arguments only point at: an approval is bound to it, too.'),
  agent_reason: text.nullable().describe("The agent's own unverified words."),
  needs: z
    .array(z.strictObject({ kind: text, rule: text, reason: text.nullable() }))
    .describe('Why a person is asked.'),
  principal: asker,
  placed_at: time,
  expires_at: time.describe('Until when an answer counts; once approved, until when the call may run.'),
  terms: z
    .strictObject({
      approvers: z
        .array(z.array(text))
        .describe('Who may answer, of those with the role for it: somebody of each list. None: each of them.'),
      quorum: z.int().describe('So many people must approve.'),
      proof: z.enum(PROOFS),
      answer_within_ms: z.int(),
      use_within_ms: z.int().describe('From the last approval on.'),
      allow_requester: z.boolean().describe('Whether the subject who asks may answer.'),
      uses: z.int().describe('So often the exact call may run.'),
    })
    .describe('What its approval must be like.'),
  decisions: z
    .array(z.strictObject({ verdict: z.enum(['approve', 'deny']), by: text, at: time, because: text.nullable() }))
    .describe('In order; one denial ends it.'),
  used_by: z.array(text).describe('The calls that ran on it.'),
});
export type HoldShown = z.infer<typeof hold>;

export const holdPage = z.strictObject({ holds: z.array(hold).describe('The newest first.') });

/** What a browser gave for a challenge: its `PublicKeyCredential` as JSON. */
export const passkeyAnswer = z
  .strictObject({
    challenge: z.string().min(1).max(100).describe('The id of the challenge.'),
    response: z.looseObject({ id: z.string(), response: z.looseObject({}) }),
  })
  .describe('What the browser gave for a challenge of ours: PublicKeyCredential.toJSON().');

/** What proves a person: of an approval the terms of the hold say which. */
export const proofKeys = { passphrase: passphrase.optional(), passkey: passkeyAnswer.optional() };

const extend = z
  .array(z.string().min(1).max(100))
  .max(20)
  .describe('Where a budget is what it asks for, how much more: 50, 2.50, 30m; KIND=AMOUNT where it asks for several.');

export const approval = z.strictObject({
  ...proofKeys,
  because: because.optional().describe('Kept in the journal.'),
  extend: extend.optional(),
});

/** An answer, before it is proven: it is proven word for word. */
export const holdChallenge = z.strictObject({
  verdict: z.enum(['approve', 'deny']),
  because: because.optional(),
  extend: extend.optional(),
});

export const challenge = z.strictObject({
  challenge: text.describe('Its id: for this person, once, within five minutes.'),
  options: z.record(z.string(), z.unknown()).describe('For navigator.credentials, as JSON.'),
});

export const denial = z.strictObject({ ...proofKeys, because: because.describe('The agent is told.') });

export const journalListing = z.strictObject({
  after: z.coerce.number().int().min(0).default(0).describe('The number of the last entry of the page before.'),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const journalPage = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        seq: z.int(),
        at: time,
        kind: text,
        call: text.nullable(),
        body: z.record(z.string(), z.unknown()).describe('Names, digests and numbers: no arguments and no results.'),
        prev: text,
        hash: text,
      }),
    )
    .describe('In order.'),
  next: z.int().nullable().describe('What to give as `after` for the next page; null: this is the last.'),
});

export const keyRequest = z.strictObject({
  passphrase: passphrase.describe(
    'A new one, of at least 8 characters. It will open your key; nothing can recover it.',
  ),
});

export const keyAcceptance = z.strictObject({
  passphrase,
  kid: z.string().min(1).max(100).describe('The id of the very key, as its person told you.'),
});

export const approverKey = z.strictObject({
  name: text,
  kid: text,
  issuer: text,
  subject: text,
  tenant: text,
  state: z.enum(['asked', 'enrolled']).describe('asked: it answers nothing until somebody who has a key accepts it.'),
});

export const approverKeyPage = z.strictObject({ approvers: z.array(approverKey) });
