/** What the API takes and gives of policies: judged and documented by these, as `shapes.ts` has it. */
import { z } from 'zod';
import { passphrase } from './hold-shapes.ts';

const time = z.iso.datetime();
const text = z.string();
const digest = z.string().min(1).max(100);
const changed = z.strictObject({ how: z.enum(['same', 'gone', 'new']), text });

const policy = z.strictObject({
  profile: text,
  file: text,
  digest: digest.describe('Of all texts that are in force.'),
  since: time.nullable(),
  accepted_by: text.nullable().describe('null: nobody had to accept it.'),
  wider: z.array(text).describe('How the file says more than is in force. It waits for a person.'),
  quarantined: z
    .array(z.strictObject({ server: text, names: z.array(text) }))
    .describe('Tools and prompts that are not what was accepted. Nobody can call them.'),
});

export const policyList = z.strictObject({ policies: z.array(policy) });

const file = z.strictObject({ file: text, text });

export const policyWhole = policy.extend({
  texts: z.array(file).describe('In force: the policy, what it includes, its lock file.'),
  offer: z
    .strictObject({
      kind: z.enum(['policy', 'pins']).describe('policy: what the file says. pins: what its servers say.'),
      shown: digest.describe('Names exactly this: what is accepted.'),
      wider: z.array(text),
      pins: z.array(z.strictObject({ heading: text, words: z.array(changed) })),
      files: z.array(z.strictObject({ file: text, lines: z.array(changed) })),
    })
    .nullable()
    .describe('What a person may accept; null: nothing waits, or it cannot be told now.'),
  problem: text.nullable().describe('Why it cannot be told now what waits.'),
});
export type PolicyWhole = z.infer<typeof policyWhole>;

export const policyAcceptance = z.strictObject({
  shown: digest.describe('The `shown` of the offer that you read.'),
  passphrase,
});
