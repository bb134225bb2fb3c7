/** Slack's incoming webhooks. */
import type { Notification } from '../domain/notification.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Secret } from '../domain/secret.ts';
import { ruleOf, titleOf } from './words.ts';

/** Refuses with a phrase that quotes nothing of it. */
export function slackUrl(secret: Secret): Result<string, string> {
  const url = URL.parse(secret.reveal());
  return url !== null && /^https?:$/.test(url.protocol)
    ? ok(url.href)
    : refuse('the secret is no URL: expected that of an incoming webhook of Slack');
}

/** `text` is what notifications on screens and phones show, and what a screen reader reads. */
export function slackBody(notification: Notification): string {
  const { id, link } = notification;
  const [title, rule] = [escaped(titleOf(notification)), escaped(ruleOf(notification))];
  const lines = [`*${title}*`, ...(rule === '' ? [] : [`Rule: ${rule}`]), `<${escaped(link)}|${escaped(id)}>`];
  return JSON.stringify({
    text: `${title}: ${escaped(link)}`,
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n') } }],
  });
}

/** The three characters that Slack reads as its own. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
