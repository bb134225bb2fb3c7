/** Web push, to a push service that really is one: what it hears is opened here with nothing but the browser's keys. */
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { personCaller } from '../../src/domain/principal.ts';
import { USUAL_TERMS } from '../../src/domain/terms.ts';
import { decisionOf, MINUTE, START } from '../contract/ledger-bench.ts';
import { openSqliteBench, type SqliteBench } from '../store/sqlite-bench.ts';
import { entriesOf, type Heard, type HttpReceiver, hold, httpReceiver, start, TestClock } from './bench.ts';

let bench: SqliteBench;
let clock: TestClock;
beforeEach(async () => {
  bench = await openSqliteBench();
  clock = new TestClock();
});
afterEach(() => bench.close());

const ENTRIES = entriesOf({ web_push: { contact: 'mailto:ops@example.com' } });
const ADA = personCaller('ada');

function browserOf({ url }: HttpReceiver, path: string) {
  const keys = createECDH('prime256v1');
  const p256dh = keys.generateKeys('base64url');
  const auth = randomBytes(16);
  return {
    address: { endpoint: `${url}${path}`, p256dh, auth: auth.toString('base64url') },
    /** RFC 8291, section 3.4, and RFC 8188, section 2. */
    open({ body }: Heard): { about: string; title: string; body: string; link?: string; over: boolean } {
      const salt = body.subarray(0, 16);
      const theirs = body.subarray(21, 21 + (body[20] ?? 0));
      const sealed = body.subarray(21 + theirs.length);
      const info = Buffer.concat([Buffer.from('WebPush: info\0'), keys.getPublicKey(), theirs]);
      const secret = Buffer.from(hkdfSync('sha256', keys.computeSecret(theirs), auth, info, 32));
      const derived = (name: string, length: number) =>
        Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, length));
      const cipher = createDecipheriv('aes-128-gcm', derived('aes128gcm', 16), derived('nonce', 12));
      cipher.setAuthTag(sealed.subarray(-16));
      const text = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]).toString();
      return JSON.parse(text.slice(0, text.lastIndexOf('\u0002')));
    },
  };
}

/** RFC 8292: who is meant, until when, and whom to write to, signed with the key that the browser subscribed for. */
function judged({ headers }: Heard, key: string) {
  const [, token = '', k = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  expect(k).toBe(key);
  const [head = '', claims = '', signature = ''] = token.split('.');
  const point = Buffer.from(key, 'base64url');
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')];
  const publicKey = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y } });
  const text = Buffer.from(`${head}.${claims}`);
  const signed = Buffer.from(signature, 'base64url');
  expect(verify('sha256', text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signed)).toBe(true);
  return JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string; sub: string };
}

test('a browser is told which tool waits by which rule and where, sealed for it alone, and once that it waits no more', async () => {
  const service = await httpReceiver();
  const { desk } = start(bench.ledger, clock, ENTRIES);
  const browser = browserOf(service, '/push/one');
  expect(await desk.subscribe(browser.address, ADA)).toEqual({ ok: true, value: undefined });
  const placed = await hold(bench.ledger, START);
  await service.hears(1);
  const [first] = service.heard;
  if (first === undefined) throw new Error('nothing was heard');
  expect(browser.open(first)).toEqual({
    ...{ about: placed.id, title: 'outbox.send waits for a person', body: 'outbox.send.approval' },
    ...{ link: `https://tools.example.com/holds/${placed.id}`, over: false },
  });
  expect(first).toMatchObject({
    path: '/push/one',
    headers: { ttl: String(4 * 60 * 60), urgency: 'high', 'content-encoding': 'aes128gcm' },
  });
  expect(judged(first, desk.key ?? '')).toMatchObject({ aud: service.url, sub: 'mailto:ops@example.com' });
  expect(first.body.includes('outbox')).toBe(false);

  await vi.waitFor(async () => expect(await bench.ledger.telling.told()).toMatchObject([{ state: 'told' }]));
  await bench.ledger.decide(placed.id, decisionOf('approve'));
  await service.hears(2);
  const [, over] = service.heard;
  if (over === undefined) throw new Error('nothing was heard');
  expect(browser.open(over)).toMatchObject({ about: placed.id, title: 'It waits no more', over: true });
  expect(over.headers['topic']).toBe(first.headers['topic']);
});

test('people of another tenant, a browser that was taken out, one whose time has passed and one that is gone are not told', async () => {
  const service = await httpReceiver();
  const { desk } = start(bench.ledger, clock, ENTRIES);
  const [told, ended, other, late, gone] = ['/told', '/ended', '/other', '/late', '/gone'].map((path) =>
    browserOf(service, path),
  );
  if (!told || !ended || !other || !late || !gone) throw new Error('five browsers were made');
  await desk.subscribe(late.address, ADA);
  clock.forward(30 * 24 * 60 * MINUTE);
  for (const one of [told, ended, gone]) await desk.subscribe(one.address, ADA);
  await desk.subscribe(other.address, { ...ADA, principal: { ...ADA.principal, tenant: 'elsewhere' } });
  await desk.unsubscribe(told.address.endpoint, personCaller('eve').principal);
  await desk.unsubscribe(ended.address.endpoint, ADA.principal);
  service.statusOf = (path) => (path === '/gone' ? 410 : 201);
  await hold(bench.ledger, clock.now());
  await service.hears(2);
  await vi.waitFor(async () => expect(await bench.ledger.telling.subscriptions(clock.now())).toHaveLength(2));
  await hold(bench.ledger, clock.now());
  await service.hears(3);
  expect(service.heard.map(({ path }) => path).toSorted()).toEqual(['/gone', '/told', '/told']);
});

test('a browser is told only of what its person may answer, by the terms and by the groups of the last visit', async () => {
  const service = await httpReceiver();
  const { desk } = start(bench.ledger, clock, ENTRIES);
  const [payer, other] = ['/payer', '/other'].map((path) => browserOf(service, path));
  if (!payer || !other) throw new Error('two browsers were made');
  const payers = { ...ADA, groups: ['payers'] };
  await desk.subscribe(payer.address, payers);
  await desk.subscribe(other.address, personCaller('bob'));
  const terms = { ...USUAL_TERMS, approvers: [[{ kind: 'group', name: 'payers', issuer: 'local' } as const]] };
  const needs = [{ kind: 'rule', rule: 'outbox.send.approval', reason: 'money', terms }] as const;
  await hold(bench.ledger, START, { needs });
  await service.hears(1);
  // What both may answer comes after it: had the other been told of the first, it would have heard of that before.
  const both = await hold(bench.ledger, clock.now());
  await vi.waitFor(() => expect(service.heard.filter(({ path }) => path === '/other')).toHaveLength(1));
  const [heard] = service.heard.filter(({ path }) => path === '/other');
  expect(heard && other.open(heard).about).toBe(both.id);
  expect(service.heard[0]?.path).toBe('/payer');
  // Who is in the group no more says so by coming by.
  await desk.subscribe(payer.address, ADA);
  expect(await bench.ledger.telling.subscriptions(clock.now())).toContainEqual(
    expect.objectContaining({ endpoint: payer.address.endpoint, groups: [] }),
  );
});

test('what is no browser is refused, and where the deployment tells none everything is', async () => {
  const { desk } = start(bench.ledger, clock, ENTRIES);
  const { address } = browserOf(await httpReceiver(), '/one');
  for (const wrong of [
    { ...address, endpoint: 'file:///etc/passwd' },
    { ...address, endpoint: 'https://ada:word@push.example.com/' },
    { ...address, p256dh: address.p256dh.slice(0, 40) },
    { ...address, auth: 'AAAA' },
  ])
    expect(await desk.subscribe(wrong, ADA)).toMatchObject({ ok: false });
  const none = start(bench.ledger, clock, []);
  expect(none.desk.key).toBeUndefined();
  expect(await none.desk.subscribe(address, ADA)).toMatchObject({ ok: false });
});

test('a restarted gateway, and every replica with its keys, is the one that browsers subscribed for', async () => {
  const keys = [start(bench.ledger, clock, ENTRIES), start(bench.ledger, clock, ENTRIES)].map(({ desk }) => desk.key);
  expect(keys[0]).toMatch(/^[\w-]{87}$/);
  expect(keys[1]).toBe(keys[0]);
});
