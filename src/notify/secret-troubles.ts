import type { NotifyEntry } from '../document/notify-shape.ts';
import type { ChannelsOptions } from './channels.ts';
import { slackUrl } from './slack.ts';
import { webhookKey } from './webhook.ts';

/** A line for each secret of `notify` that cannot be read or is none, by its place in the deployment's file. */
export async function secretTroubles(
  entries: readonly NotifyEntry[],
  readSecret: ChannelsOptions['readSecret'],
): Promise<readonly string[]> {
  const tried = entries.map(async ({ to }, place) => {
    if (to.kind === 'web_push') return [];
    const [key, reference, parse] =
      to.kind === 'webhook' ? (['secret', to.secret, webhookKey] as const) : (['slack', to.url, slackUrl] as const);
    const secret = await readSecret(reference);
    const parsed = secret.ok ? parse(secret.value) : secret;
    return parsed.ok ? [] : [`gateway.yaml: notify[${place}].${key}: ${parsed.error}`];
  });
  return (await Promise.all(tried)).flat();
}
