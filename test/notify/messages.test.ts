/** What goes out, byte by byte: signed as others expect it, and nothing in it that a stranger wrote. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Secret } from '../../src/domain/secret.ts';
import { webhookKey } from '../../src/notify/webhook.ts';
import { decisionOf, enter, START, settlementOf, writeOf } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';
import { entriesOf, type Heard, hold, httpReceiver, start, TestClock, WEBHOOK_SECRET } from './bench.ts';

let bench: SqliteBench;
let clock: TestClock;
beforeEach(async () => {
  bench = await openSqliteBench();
  clock = new TestClock();
});
afterEach(() => bench.close());

/** As the specification of Standard Webhooks has a receiver do it: three headers, the raw body, any one signature. */
function isGenuine({ headers, body }: Heard, secret: string, at: number): boolean {
  const [id, timestamp, signatures] = ['id', 'timestamp', 'signature'].map((name) =>
    String(headers[`webhook-${name}`]),
  );
  if (Math.abs(at / 1000 - Number(timestamp)) > 300) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
  return (signatures ?? '').split(' ').some((one) => {
    const [version, base64 = ''] = one.split(',');
    const given = Buffer.from(base64, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

test('a webhook is signed over id, time and body, and says what waits, by which rule, for which tool, and where', async () => {
  const receiver = await httpReceiver();
  start(bench.ledger, clock, entriesOf({ webhook: receiver.url, secret: { secret: 'env://HOOK' } }));
  const placed = await hold(bench.ledger, START);
  await receiver.hears(1);
  const [heard] = receiver.heard;
  if (heard === undefined) throw new Error('nothing was heard');
  expect(heard).toMatchObject({ method: 'POST', path: '/', headers: { 'content-type': 'application/json' } });
  expect(isGenuine(heard, WEBHOOK_SECRET, START)).toBe(true);
  expect(isGenuine({ ...heard, body: Buffer.from(`${heard.body} `) }, WEBHOOK_SECRET, START)).toBe(false);
  expect(isGenuine(heard, `whsec_${Buffer.alloc(32).toString('base64')}`, START)).toBe(false);
  expect(isGenuine(heard, WEBHOOK_SECRET, START + 301_000)).toBe(false);
  expect(JSON.parse(heard.body.toString())).toEqual({
    type: 'hold.waiting',
    timestamp: new Date(START).toISOString(),
    data: {
      ...{ id: placed.id, tool: 'outbox.send', rules: ['outbox.send.approval'], reminder: 0 },
      link: `https://tools.example.com/holds/${placed.id}`,
      expires_at: new Date(placed.expiresAt).toISOString(),
    },
  });
});

test('a call of unknown outcome is told, too, with the page where a person says what became of it', async () => {
  const receiver = await httpReceiver();
  const intent = writeOf(await enter(bench.ledger), { at: START });
  await bench.ledger.commit(intent);
  await bench.ledger.settle(settlementOf(intent, { outcome: 'unknown', at: START }));
  start(bench.ledger, clock, entriesOf({ webhook: receiver.url, secret: { secret: 'env://HOOK' } }));
  await receiver.hears(1);
  expect(JSON.parse(receiver.heard[0]?.body.toString() ?? '')).toMatchObject({
    type: 'outcome.waiting',
    data: { id: intent.call, link: `https://tools.example.com/outcomes/${intent.call}` },
  });
});

test('Slack is told in its own form, at a URL that is a secret and is told to nobody else', async () => {
  const receiver = await httpReceiver();
  receiver.answers.push(403);
  const entries = entriesOf({ slack: { secret: 'env://SLACK' } });
  const path = '/services/T0/B0/canary-of-slack';
  const { reports, faults } = start(bench.ledger, clock, entries, { secrets: { SLACK: `${receiver.url}${path}` } });
  const refused = await hold(bench.ledger, START);
  const placed = await hold(bench.ledger, START, {
    needs: [{ kind: 'rule', rule: 'a<b>&c', reason: undefined }],
  });
  await receiver.hears(2);
  expect(receiver.heard.map((one) => one.path)).toEqual([path, path]);
  expect(JSON.parse(receiver.heard[1]?.body.toString() ?? '')).toEqual({
    text: `outbox.send waits for a person: https://tools.example.com/holds/${placed.id}`,
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `*outbox.send waits for a person*\nRule: a&lt;b&gt;&amp;c\n<https://tools.example.com/holds/${placed.id}|${placed.id}>`,
        },
      },
    ],
  });
  expect(reports).toEqual([`notify[0] (slack) was not told of ${refused.id}: it answered 403`]);
  expect(faults).toEqual([]);
});

test('no byte of arguments, reasons, agents, people, sessions or answers goes out, whatever is told to whom', async () => {
  const [hook, slack] = [await httpReceiver(), await httpReceiver()];
  const entries = entriesOf(
    { webhook: hook.url, secret: { secret: 'env://HOOK' }, remind: '1h' },
    { slack: { secret: 'env://SLACK' }, remind: '1h' },
  );
  const { reports } = start(bench.ledger, clock, entries, { secrets: { SLACK: slack.url } });
  const canary = (of: string) => `canary-${of}`;
  const principal = {
    ...{ issuer: canary('issuer'), subject: canary('subject'), client: canary('client') },
    ...{ actors: [canary('actor')], tenant: canary('tenant') },
  };
  const placed = await hold(bench.ledger, START, {
    needs: [{ kind: 'rule', rule: 'outbox.send.approval', reason: canary('reason') }],
    effective: { [canary('name')]: canary('value') },
    canonical: JSON.stringify({ [canary('name')]: canary('value') }),
    ...{ agentReason: canary('agent-reason'), digest: canary('digest'), rules: canary('rules'), pin: canary('pin') },
    principal,
  });
  const resource = await hold(bench.ledger, START, {
    target: `resource files file:///${canary('uri')}`,
    needs: [{ kind: 'flow', rule: 'flows.nothing-leaves', reason: canary('flow-reason') }],
  });
  const intent = writeOf(await enter(bench.ledger), { digest: canary('call'), agentReason: canary('said') });
  await bench.commitAndDie([intent]);
  await bench.ledger.recover(clock.now());
  await Promise.all([hook.hears(2), slack.hears(2)]);
  await bench.ledger.decide(placed.id, decisionOf('deny', { because: canary('because') }));
  await vi.waitFor(async () => expect(await bench.ledger.telling.told()).not.toMatchObject([{ state: 'trying' }]));
  clock.forward(60 * 60_000);
  await Promise.all([hook.hears(4), slack.hears(4)]);
  const all = [...hook.heard, ...slack.heard].map((one) => `${one.path} ${JSON.stringify(one.headers)} ${one.body}`);
  for (const one of [...all, ...reports]) expect(one).not.toContain('canary-');
  for (const id of [placed.id, resource.id, intent.call]) expect(all.join()).toContain(id);
  expect(all.join()).toContain('resource files waits for a person');
});

test.each([
  ['no prefix', Buffer.alloc(32).toString('base64')],
  ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
  ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
  ['no base64', `whsec_${'!'.repeat(44)}`],
])('a secret with %s is no key, and is not quoted', (_, text) => {
  const key = webhookKey(new Secret(text));
  if (key.ok) throw new Error('it was taken');
  expect(key.error).toContain('expected whsec_');
  expect(key.error).not.toContain(text.slice(-8));
});
