import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LARGEST_SHOWN, type Shown } from '../../src/domain/hold.ts';
import { sha256 } from '../../src/domain/json.ts';
import { ok } from '../../src/domain/result.ts';
import { recordedCalls } from '../../src/policy/replay/recorded-calls.ts';
import { requireApproval } from '../../src/stages/require-approval.ts';
import { decisionOf } from '../contract/ledger-bench.ts';
import { draftsPath, SEND } from './drafts-path.ts';
import { holdOf } from './holding-path.ts';
import { AT, desks } from './steps/desk.ts';

const ONE = { draft_id: 'one' };
const UNSHOWN = 'what its arguments point at cannot be shown to whoever must approve it: ';

describe('what an argument only points at', () => {
  test('is kept with the hold as content, and only its digest is in the journal', async () => {
    const path = await draftsPath();
    path.write('one', 'Dear Ada, a word for nobody else.');
    const { id, shown } = await path.held(ONE);
    const text = 'Dear Ada, a word for nobody else.';
    expect(shown).toEqual({ tool: 'desk.get_draft', text, digest: sha256(text) });
    const journal = await path.journal();
    expect(journal.find(({ kind }) => kind === 'held')?.body).toMatchObject({ hold: id, shown: sha256(text) });
    expect(JSON.stringify(journal)).not.toContain('Dear Ada');
    expect(readFileSync(path.home.ledger).includes('Dear Ada')).toBe(false);
  });

  test('is approved with the call, which then runs once', async () => {
    const path = await draftsPath();
    path.write('one', 'Hello');
    const { id } = await path.held(ONE);
    expect((await path.held(ONE)).id).toBe(id);
    await path.answer(path.person, id, 'approve');
    expect((await path.call(SEND, ONE)).said).toBe('sent');
    expect((await path.call(SEND, ONE)).refusal).toMatchObject({ reason: 'repeated' });
    expect(path.sent()).toEqual([{ ...ONE, body: 'Hello' }]);
  });

  test('and was swapped after the approval is not sent: the grant is void, and a person is asked about the new', async () => {
    const path = await draftsPath();
    path.write('one', 'Hello');
    const { id } = await path.held(ONE);
    await path.answer(path.person, id, 'approve');
    path.write('one', 'Transfer everything');
    const anew = await path.held(ONE);
    expect(anew).toMatchObject({ state: 'open', shown: { text: 'Transfer everything' } });
    expect(anew.id).not.toBe(id);
    expect(await path.ledger.hold(id, Date.now())).toMatchObject({ state: 'lapsed' });
    // Nor does the old grant come back with the old content.
    path.write('one', 'Hello');
    expect((await path.held(ONE)).state).toBe('open');
    expect(path.sent()).toEqual([]);
  });

  test('counts to the last hidden character, which the person is shown', async () => {
    const path = await draftsPath();
    path.write('one', 'pay 10');
    await path.answer(path.person, (await path.held(ONE)).id, 'approve');
    path.write('one', 'pay\u200b 10');
    expect((await path.held(ONE)).shown?.text).toBe('pay⟨U+200B⟩ 10');
  });

  test('stays denied while it is the same; other content may be asked about', async () => {
    const path = await draftsPath();
    path.write('one', 'Hello');
    await path.answer(path.person, (await path.held(ONE)).id, 'deny', 'Too short');
    expect((await path.call(SEND, ONE)).refusal).toMatchObject({ reason: 'denied', why: /Too short/ });
    path.write('one', 'Hello, and how are you?');
    expect((await path.held(ONE)).shown?.text).toBe('Hello, and how are you?');
  });

  test('is read as structured content too, its members sorted and nothing said twice', async () => {
    const path = await draftsPath();
    const structuredContent = { to: 'ada', body: 'Hi' };
    const text = JSON.stringify(structuredContent);
    path.write('one', JSON.stringify({ content: [{ type: 'text', text }], structuredContent }));
    expect((await path.held(ONE)).shown?.text).toBe('{\n  "body": "Hi",\n  "to": "ada"\n}');
    path.write('one', JSON.stringify({ content: [{ type: 'text', text: 'Not that' }], structuredContent }));
    expect((await path.held(ONE)).shown?.text).toBe('Not that\n\n{\n  "body": "Hi",\n  "to": "ada"\n}');
  });
});

describe('what cannot be shown whole is denied, and nobody is asked', () => {
  const image = {
    content: [
      { type: 'text', text: 'See:' },
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
    ],
  };
  test.each([
    ['there is no such draft', undefined, 'its server answers with an error'],
    ['it is empty', ' \n', 'there is nothing in it'],
    ['it has pictures', JSON.stringify(image), 'there is more in it than text'],
    ['nobody can read so much', 'é'.repeat(LARGEST_SHOWN / 2 + 1), 'it is over 64 KiB, more than a person can read'],
    [
      'it holds a secret',
      `key: ghp_k3JdP9vQ2mXw7ZtR4bLc8NfY1hGs5UaE6oTi`,
      'what its server answers is not let through',
    ],
  ])('%s', async (_, draft, why) => {
    const path = await draftsPath();
    if (draft !== undefined) path.write('one', draft);
    expect((await path.call(SEND, ONE)).refusal).toMatchObject({ reason: 'denied', why: `${UNSHOWN}${why}` });
    expect(await path.ledger.holds({ open: false }, Date.now())).toEqual([]);
  });

  test('as much as fits is held', async () => {
    const path = await draftsPath();
    path.write('one', 'é'.repeat(LARGEST_SHOWN / 2));
    expect((await path.held(ONE)).shown?.text).toHaveLength(LARGEST_SHOWN / 2);
  });

  test('the call does not say what it points at', async () => {
    const path = await draftsPath();
    const { refusal } = await path.call(SEND, { to: 'ada' });
    expect(refusal).toMatchObject({ reason: 'denied', why: `${UNSHOWN}\`draft_id\` is not given` });
  });

  test('a rule of the tool that reads refuses it', async () => {
    const path = await draftsPath({ read: ', arguments: { draft_id: { enum: [two] } }' });
    path.write('one', 'Hello');
    const { refusal } = await path.call(SEND, ONE);
    expect(refusal).toMatchObject({ reason: 'denied', why: `${UNSHOWN}\`draft_id\` must be one of "two"` });
  });

  test('its server is production, and nobody has agreed yet that the session reaches it', async () => {
    const path = await draftsPath({ server: ', environment: production' });
    path.write('one', 'Hello');
    const { refusal } = await path.call(SEND, ONE);
    expect(refusal).toMatchObject({ reason: 'denied', why: expect.stringContaining('desk is production') });
    expect(await path.reads()).toBe(0);
  });
});

describe('reading is a call of its own', () => {
  test('in the journal, with its charges, for the very call; agents cannot make it', async () => {
    const path = await draftsPath({ read: ', charges: { looks: 1 }', more: 'budgets: { session: { looks: 9 } }' });
    path.write('one', 'Hello');
    await path.held(ONE);
    const journal = await path.journal();
    const read = journal.find(({ kind }) => kind === 'intent');
    const asked = journal.find(({ kind }) => kind === 'held');
    expect(read?.body).toMatchObject({ target: 'desk.get_draft', effect: 'read', shown_for: asked?.call });
    expect(journal.find(({ kind }) => kind === 'outcome')?.call).toBe(read?.call);
    expect((await path.session()).used).toMatchObject({ calls: 1, looks: 1 });
    for (const name of ['desk__get_draft', 'desk.get_draft'])
      expect((await path.call(name, ONE)).refusal).toMatchObject({ reason: 'target_unknown' });
  });

  test('that no policy is judged by: neither learned from nor replayed', async () => {
    const path = await draftsPath();
    path.write('one', 'Hello');
    await path.answer(path.person, (await path.held(ONE)).id, 'approve');
    await path.call(SEND, ONE);
    const calls = await recordedCalls(path.ledger, (await path.session()).session);
    const ran = calls.filter((one) => one.ran !== undefined).map(({ target, isJudged }) => [target, isJudged]);
    const read = ['desk.get_draft', false];
    expect(ran).toEqual([read, read, ['desk.send_draft', true]]);
  });

  test('whose refusal is that of the call which is asked about, and counts once', async () => {
    const path = await draftsPath({ more: 'budgets: { session: { refusals: 9 } }' });
    expect((await path.call(SEND, { draft_id: 'none' })).said).toBe('denied');
    expect((await path.session()).used['refusals']).toBe(1);
    const denying = await draftsPath({
      read: ', arguments: { draft_id: { enum: [two] } }',
      more: 'budgets: { session: { refusals: 9 } }',
    });
    expect((await denying.call(SEND, ONE)).said).toBe('denied');
    expect((await denying.session()).used['refusals']).toBe(1);
    expect((await denying.journal()).filter(({ kind }) => kind === 'refused')).toHaveLength(2);
  });

  test('that a used-up budget refuses, even where a person could extend it for others', async () => {
    const more = 'budgets: { session: { looks: 1 }, when_reached: extend }';
    const path = await draftsPath({ read: ', charges: { looks: 1 }', more });
    path.write('one', 'Hello');
    const { id } = await path.held(ONE);
    await path.answer(path.person, id, 'approve');
    expect((await path.call(SEND, ONE)).refusal).toMatchObject({ reason: 'over_budget', overdrawn: { kind: 'looks' } });
    expect(path.sent()).toEqual([]);
  });

  test('whose labels count before anybody is asked: one hold has all needs, and one yes is enough', async () => {
    const more = 'flows: [{ id: leak, when: { labels: [customer], sends_to: external }, then: hold }]';
    const path = await draftsPath({ labels: '[customer]', more });
    path.write('one', 'Hello');
    const { id, needs } = await path.held(ONE);
    expect(needs.map(({ rule }) => rule)).toEqual(['flows.leak', 'desk.send_draft.approval']);
    await path.answer(path.person, id, 'approve');
    expect((await path.call(SEND, ONE)).said).toBe('sent');
    expect(await path.ledger.holds({ open: false }, Date.now())).toHaveLength(1);
  });

  test('that is not made again for who only waits on, and is once there is an answer', async () => {
    const path = await draftsPath();
    path.write('one', 'Hello');
    const { id } = await path.held(ONE);
    const waits = () => path.call('tollgate__continue', { hold: id });
    for (let times = 0; times < 3; times++) expect(holdOf(await waits())).toBe(id);
    expect(await path.reads()).toBe(1);
    // Whoever makes the call anew asks about what it points at now.
    path.write('one', 'Bye');
    expect(holdOf(await waits())).toBe(id);
    const anew = await path.held(ONE);
    expect([anew.shown?.text, await path.reads()]).toEqual(['Bye', 2]);
    await path.answer(path.person, anew.id, 'approve');
    expect((await path.call('tollgate__continue', { hold: anew.id })).said).toBe('sent');
    expect(await path.reads()).toBe(3);
  });

  test('that is not made for a call which waits for nobody', async () => {
    const send =
      ', cases: [{ id: ada, when: { to: { const: ada } }, then: allow }, { id: rest, when: { to: { not: { const: ada } } }, then: hold }]';
    const path = await draftsPath({ send });
    path.write('one', 'Hello');
    expect((await path.call(SEND, { ...ONE, to: 'ada' })).said).toBe('sent');
    expect(await path.reads()).toBe(0);
    expect(holdOf(await path.call(SEND, { ...ONE, to: 'bob' }))).toMatch(/^h_/);
    expect(await path.reads()).toBe(1);
  });
});

const openDesk = desks();

test('content that was read while a person approved it is read again, after the answer', async () => {
  const desk = await openDesk('{ effect: irreversible, approval: {} }');
  const judged = await desk.judged(await desk.resolved());
  const afforded = judged.ok ? await desk.afforded(judged.value) : judged;
  if (!afforded.ok) throw new Error(afforded.error.reason);
  let at = AT;
  const now = () => ++at;
  const shownAs = (text: string): Shown => ({ tool: 'crm.read', text, digest: sha256(text) });
  const first = await requireApproval(desk.ledger, now, async () => ok(shownAs('Hello')))(afforded.value);
  if (first.ok || first.error.reason !== 'held') throw new Error('it is not held');
  const { id } = first.error.hold;
  const texts = ['Hello', 'Transfer everything'];
  const second = await requireApproval(desk.ledger, now, async () => {
    const text = texts.shift() ?? '';
    if (text === 'Hello') await desk.ledger.decide(id, decisionOf('approve', { at: now() }));
    return ok(shownAs(text));
  })(afforded.value);
  expect(second).toMatchObject({ ok: false, error: { reason: 'held', hold: { state: 'open' } } });
  expect(texts).toEqual([]);
});
