/** What the API takes and gives of passkeys: judged and documented by these, as `shapes.ts` has it. */
import { z } from 'zod';
import { challenge, passkeyAnswer, proofKeys } from './hold-shapes.ts';
import { sessionId } from './shapes.ts';

const text = z.string();

export const passkey = z.strictObject({
  id: sessionId,
  label: text.describe('What its person calls it.'),
  origin: text.describe('The one address at which it works.'),
  added_at: z.iso.datetime(),
  enrolled_by: z.enum(['passphrase', 'passkey']),
});

export const passkeyPage = z.strictObject({
  origin: text.nullable().describe('Where browsers can use passkeys of this gateway; null: its address is no name.'),
  passkeys: z.array(passkey),
});

export const passkeyBeginning = z.strictObject({});

export const passkeyOffer = passkeyAnswer.extend({
  label: z.string().trim().min(1).max(60).describe('What you call it.'),
});

export const passkeyOffered = z.strictObject({
  offer: text.describe('Its id.'),
  challenge: challenge
    .nullable()
    .describe('For a passkey that is enrolled already; null: there is none, and the passphrase proves it.'),
});

export const passkeyAddition = z.strictObject({ offer: z.string().min(1).max(100), ...proofKeys });

export const passkeyRemoval = z.strictObject(proofKeys);
