import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { problemText } from '../../src/document/document.ts';
import { OCCASIONS } from '../../src/domain/notification.ts';
import { webhookBody } from '../../src/notify/webhook.ts';
import { blocksOf } from '../stories/support/shown.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/notifications.md'), 'utf8');

test('docs/notifications.md shows a deployment with every way of telling, which loads', () => {
  const [deployment = '', ...more] = blocksOf(PAGE, 'yaml');
  const config = loadConfig({ file: '/deployment/gateway.yaml', text: deployment });
  if (!config.ok) throw new Error(config.error.map(problemText).join('\n'));
  expect(config.value.notify.map(({ to }) => to.kind)).toEqual(['webhook', 'slack', 'web_push']);
  expect(more).toEqual([]);
  expect([...PAGE.matchAll(/^\| `(\w+)` \|/gm)].map(([, occasion]) => occasion)).toEqual([...OCCASIONS]);
});

test('docs/notifications.md shows a webhook as it is sent', () => {
  const shown = JSON.parse(blocksOf(PAGE, 'json')[0] ?? '');
  const { id, tool, rules, link, reminder: round, expires_at: expires } = shown.data;
  const [since, until] = [Date.parse(shown.timestamp), Date.parse(expires)];
  const sent = webhookBody({ occasion: 'hold', id, tool, rules, link, since, until, round });
  expect(JSON.stringify(shown)).toBe(sent);
});
