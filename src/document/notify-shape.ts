/** `notify` of the deployment's file: who is told that something waits for a person, and when. */
import { z } from 'zod';
import { OCCASIONS, type Occasion } from '../domain/notification.ts';
import { isSecureUrl } from './issuer-url.ts';
import { mapping } from './mapping.ts';
import { measured } from './retention-shape.ts';
import { secretReference } from './secret-shape.ts';

/** One entry of the list. Times are milliseconds. */
export interface NotifyEntry {
  readonly to: /** `secret` is a reference: what messages are signed with. */
    | { readonly kind: 'webhook'; readonly url: string; readonly secret: string }
    /** A reference: the URL of an incoming webhook lets everybody who has it write there. */
    | { readonly kind: 'slack'; readonly url: string }
    /** Whom push services write to where something is wrong: a mailto: or https: URL. */
    | { readonly kind: 'web_push'; readonly contact: string };
  readonly occasions: readonly Occasion[];
  /** Told only of what nobody answered for so long. */
  readonly after: number;
  /** Told again each time that so long has passed; undefined: once. */
  readonly remind: number | undefined;
}

const TIMES = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const time = measured(TIMES, 'expected a duration such as 30s, 15m or 4h');

const webhookUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url !== null && isSecureUrl(url) && url.hash === '') return url.href;
  context.addIssue('expected an https:// URL (http:// on loopback alone), without user, password and fragment');
  return z.NEVER;
});

const contact = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && ['mailto:', 'https:'].includes(url.protocol) && !/\s/.test(text);
}, 'expected the mailto: or https: URL where push services find whoever runs this');

const WAYS = ['webhook', 'slack', 'web_push'] as const;

const entry = mapping({
  webhook: webhookUrl.optional(),
  secret: secretReference.optional(),
  slack: secretReference.optional(),
  web_push: mapping({ contact }).optional(),
  for: z.array(z.enum(OCCASIONS)).min(1).optional(),
  after: time.optional(),
  remind: time.optional(),
}).superRefine((said, context) => {
  const ways = WAYS.filter((way) => said[way] !== undefined);
  const issue = (path: readonly string[], message: string) =>
    context.addIssue({ code: 'custom', path: [...path], message });
  if (ways.length !== 1) issue([], `expected one of ${WAYS.join(', ')}`);
  if (said.webhook !== undefined && said.secret === undefined)
    issue([], '"secret" is missing: a webhook is signed, or anybody could say that Tollgate says so');
  if (said.webhook === undefined && said.secret !== undefined) issue(['secret'], '"secret" goes with "webhook" only');
});

export const notifyShape = z.array(entry).superRefine((entries, context) => {
  const seen = new Set<string>();
  entries.forEach(({ remind: _, ...said }, place) => {
    const key = JSON.stringify(said);
    if (seen.has(key)) context.addIssue({ code: 'custom', path: [place], message: 'this is said twice' });
    seen.add(key);
  });
  if (entries.filter(({ web_push }) => web_push !== undefined).length > 1)
    context.addIssue({ code: 'custom', message: 'expected "web_push" once: it tells all browsers' });
});

export const notifyEntries = (said: z.infer<typeof notifyShape> | undefined): readonly NotifyEntry[] =>
  (said ?? []).map(({ webhook, secret, slack, web_push, for: occasions, after, remind }) => ({
    to:
      webhook !== undefined
        ? { kind: 'webhook', url: webhook, secret: secret?.secret ?? '' }
        : slack !== undefined
          ? { kind: 'slack', url: slack.secret }
          : { kind: 'web_push', contact: web_push?.contact ?? '' },
    occasions: occasions ?? OCCASIONS,
    after: after ?? 0,
    remind,
  }));
