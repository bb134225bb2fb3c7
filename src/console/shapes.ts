/**
 * What the API takes and gives. These very schemas judge requests and are written into the OpenAPI document, so that the page
 * cannot say another thing than the gateway does.
 */
import { z } from 'zod';

/** The largest body taken, in bytes. */
export const LARGEST_BODY = 64 * 1024;

const line = (most: number) => z.string().min(1).max(most);
const name = line(256);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const instructionsAsked = z
  .union([z.strictObject({ text: line(60_000) }), z.strictObject({ digest })], {
    error: 'expected {"text": "..."} of at most 60000 characters, or {"digest": "sha256:..."} with 64 hex digits',
  })
  .describe('What the agent is told; of a digest only the digest is kept.');

export const creation = z.strictObject({
  profile: name.describe('The profile that the agent works under. It must let the principal in.'),
  task: line(4_000).optional().describe('What the session is for.'),
  instructions: instructionsAsked.optional(),
  model: line(200).optional().describe('The model, as the caller names it.'),
  route: line(500).optional().describe('How the model is reached, as the caller says it.'),
  principal: z
    .strictObject({ subject: name, client: name })
    .optional()
    .describe(
      "Whose session it is: of the caller's own issuer and tenant. Unsaid: the caller; on this machine its agent.",
    ),
});

export const reason = z.strictObject({ why: line(500).describe('Kept in the journal of the session.') });

const STATES = ['created', 'running', 'awaiting_approval', 'paused', 'completed', 'archived', 'expired'] as const;
const state = z.enum(STATES).describe('awaiting_approval: it runs, and some of its calls wait for a person.');

export const sessionId = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
const time = z.iso.datetime();

const PAGE = 50;

export const listing = z.strictObject({
  state: state.optional(),
  after: sessionId.optional().describe('The last session of the page before.'),
  limit: z.coerce.number().int().min(1).max(200).default(PAGE),
});

const amounts = z.record(z.string(), z.number());

const summary = {
  id: sessionId,
  url: z.string().describe('Where its agent works in it: a path of this gateway.'),
  state,
  profile: z.string(),
  principal: z.strictObject({ issuer: z.string(), subject: z.string(), client: z.string(), tenant: z.string() }),
  named: z.boolean().describe('Opened by a person or this API, and found by its id alone.'),
  labels: z.array(z.string()).describe('What it has touched.'),
  used: amounts.describe('By kind of budget: counts, whole seconds of runtime, money.'),
  left: amounts.describe('Likewise, of the kinds that are capped.'),
  open_holds: z.int().min(0).describe('Calls of it that wait for a person.'),
  opened_at: time,
  touched_at: time.describe('When it last had a call under way, or was opened.'),
  expires_at: time.nullable().describe('When it is too old to make calls; null: never, or it is over.'),
};

export const sessionSummary = z.strictObject(summary);

export const sessionWhole = z.strictObject({
  ...summary,
  task: z.string().nullable(),
  instructions: z.strictObject({ digest: z.string() }).nullable(),
  model: z.string().nullable(),
  route: z.string().nullable(),
});
export type SessionSummary = z.infer<typeof sessionSummary>;
export type SessionWhole = z.infer<typeof sessionWhole>;

export const sessionPage = z.strictObject({
  sessions: z.array(sessionSummary).describe('The newest first.'),
  next: sessionId.nullable().describe('What to give as `after` for the next page; null: this is the last.'),
});

export const changed = z.strictObject({ id: sessionId, state: z.enum(STATES) });

export const problem = z
  .strictObject({
    title: z.string(),
    status: z.int(),
    reason: z.string().describe('One word for programs.'),
    detail: z.string().describe('One sentence for people.'),
    field: z.string().optional().describe('The member of the body, or the parameter, that is wrong.'),
  })
  .describe('RFC 9457.');

/** Who asked for a call. */
export const asker = z.strictObject({
  issuer: z.string(),
  subject: z.string(),
  client: z.string(),
  tenant: z.string(),
  actors: z.array(z.string()).describe('Who acts for the subject, the nearest first.'),
});
