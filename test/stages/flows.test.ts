/** What may follow what, at the real path: a real ledger, a real server. */
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import type { Stages } from '../../src/pipeline.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { lineTo, type OpenPath, openPath, presented, receivedOf } from '../support/path.ts';
import { enrolPerson } from '../support/person.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

interface FlowPath extends OpenPath {
  readonly server: RecordingServer;
}

interface Flowing {
  /** What the flow says beside when it is met. */
  readonly flow: string;
  /** The effect of the tool that sends. */
  readonly effect?: string;
  readonly more?: string;
  readonly flags?: readonly string[];
}

/** The tool `rough` reads what is private and untrusted; `other` sends. */
async function flowPath({ flow, effect = 'write', more = '', flags = [] }: Flowing, folder = temporaryFolder()) {
  const server = recordingServer(folder, 'rough-stdio.ts', {}, flags);
  const path = await openPath(
    folder,
    `version: 1
profile: flowing
who: local
servers:
  rough: ${server.yaml.slice(0, -1)}, defaults: { sends_to: none } }
tools:
  rough.rough: { effect: read }
  rough.other: { effect: ${effect}, labels: [], sends_to: external }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, ${flow} }]
${more}`,
  );
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...path, server };
}

const READ = { do: 'echo' };
const SEND: JsonObject = { do: 'echo', to: 'eve' };

test('what goes out after private and untrusted data came in waits for a person, by the name of the flow', async () => {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const path = await flowPath({ flow: 'then: hold, reason: Both kinds met.' }, folder);
  expect((await path.call('rough__other', SEND)).said).toBe('ok');
  await path.call('rough__rough', READ);
  const held = await path.call('rough__other', { ...SEND, to: 'mallory' });
  expect(held.refusal).toMatchObject({
    reason: 'held',
    hold: { needs: [{ kind: 'flow', rule: 'flows.stays', reason: 'Both kinds met.' }] },
  });
  if (held.refusal?.reason !== 'held') throw new Error(held.said);
  await path.answer(person, held.refusal.hold.id, 'approve');
  expect((await path.call('rough__other', { ...SEND, to: 'mallory' })).said).toBe('ok');
  expect(path.server.calls()).toHaveLength(3);
});

test('a flow that denies is no hold, and what stays inside is not bound', async () => {
  const path = await flowPath({ flow: 'then: deny' });
  await path.call('rough__rough', READ);
  expect((await path.call('rough__other', SEND)).refusal).toMatchObject({ reason: 'denied', rules: ['flows.stays'] });
  expect((await path.call('rough__rough', { ...READ, again: 1 })).said).toBe('ok');
});

test('a read that commits while a send is on its way makes the send be decided anew, and held', async () => {
  const path = await flowPath({ flow: 'then: hold' });
  let raced = 0;
  const stages: Stages = {
    ...path.stages,
    // The send has been judged, and allowed; the read is committed before it.
    prepare: async (call) => {
      if (call.target === 'rough__other' && raced++ === 0) await path.call('rough__rough', READ);
      return path.stages.prepare(call);
    },
  };
  const sent = await presented(stages, receivedOf('rough__other', SEND, Date.now()));
  expect(sent.refusal?.reason).toBe('held');
  expect(raced).toBe(1);
  expect(path.server.calls()).toEqual([READ]);
});

test('a flow on trial holds nothing, and is on record as what it would have done', async () => {
  const path = await flowPath({ flow: 'then: hold, mode: observe' });
  await path.call('rough__rough', READ);
  const sent = await path.call('rough__other', SEND);
  expect(sent.said).toBe('ok');
  const intent = (await path.journal()).find((entry) => entry.call === sent.id && entry.kind === 'intent');
  expect(intent?.body['observed']).toMatchObject([{ rule: 'flows.stays', would: 'hold' }]);
});

test('a completion and a subscription that a flow would hold are denied: nobody can hold them, and both send', async () => {
  const path = await flowPath({
    flow: 'then: hold',
    more: 'resources: [{ server: rough, uri: "rough://room/**", sends_to: external, labels: [] }]\n',
    flags: ['resources'],
  });
  const complete = () =>
    path.call(
      'rough://room/{x}',
      { argument: { name: 'x', value: 'secret' } },
      { operation: 'completion/complete', completes: 'resource' },
    );
  expect((await complete()).refusal).toBeUndefined();
  await path.call('rough__rough', READ);
  expect((await complete()).refusal).toMatchObject({ reason: 'denied', rules: ['flows.stays'] });
  const watched = await path.call('rough://room/secret', {}, { operation: 'resources/subscribe' });
  expect(watched.refusal).toMatchObject({ reason: 'denied', rules: ['flows.stays'] });
  const read = await path.call('rough://room/secret', {}, { operation: 'resources/read' });
  expect(read.refusal).toMatchObject({ reason: 'held' });
  const asked = path.server.received().filter(({ method }) => /^resources.(read|subscribe)$/.test(method ?? ''));
  expect(asked).toEqual([]);
});

test('a profile that only observes lets no race for its budget refuse a call either', async () => {
  const path = await flowPath({ flow: 'then: hold', more: 'mode: observe\nbudgets: { session: { calls: 1 } }\n' });
  let raced = 0;
  const stages: Stages = {
    ...path.stages,
    prepare: async (call) => {
      if (raced++ === 0) await path.call('rough__rough', READ);
      return path.stages.prepare(call);
    },
  };
  expect((await presented(stages, receivedOf('rough__rough', { ...READ, again: 1 }, Date.now()))).said).toBe('ok');
});

test('a profile that only observes spends beyond its budget, and says so; what cannot be undone stays within', async () => {
  const path = await flowPath({
    flow: 'then: hold',
    effect: 'irreversible',
    more: 'mode: observe\nbudgets: { session: { calls: 1 } }\n',
  });
  await path.call('rough__rough', READ);
  const second = await path.call('rough__rough', { ...READ, again: 1 });
  expect(second.said).toBe('ok');
  const intent = (await path.journal()).find((entry) => entry.call === second.id && entry.kind === 'intent');
  expect(intent?.body['observed']).toMatchObject([{ rule: 'budgets.session.calls', would: 'deny' }]);
  expect((await path.call('rough__other', SEND)).refusal).toMatchObject({ reason: 'over_budget' });
});

const ROOTS = { method: 'roots/list' };
const ABLE = { ...NO_ABILITIES, roots: true };

async function askingPath(sendsTo: string): Promise<FlowPath> {
  const folder = temporaryFolder();
  const server = recordingServer(folder, 'asking-stdio.ts', {}, ['legacy']);
  const other = recordingServer(folder);
  const path = await openPath(
    folder,
    `version: 1
profile: answering
who: local
servers:
  asking: ${server.yaml.slice(0, -1)}, asks: { roots: true }, defaults: { sends_to: ${sendsTo}, labels: [] } }
  rough: ${other.yaml.slice(0, -1)}, defaults: { sends_to: none } }
tools:
  asking.ask: { effect: write, sends_to: none }
  asking.ask_first: { effect: read, sends_to: external }
  rough.rough: { effect: read }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: hold }]
`,
  );
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...path, server };
}

const answering = (path: FlowPath, ask: () => Promise<void> = async () => undefined) => {
  let put = 0;
  const line = lineTo(new AbortController().signal, {
    ask: async () => {
      put++;
      await ask();
      return { ok: true, result: { roots: [{ uri: 'file:///home/ada/secret' }] } };
    },
  });
  const call = () => path.call('asking__ask', { rounds: [[ROOTS]] }, { abilities: ABLE, line });
  return { call, asked: () => put };
};

test('an answer to a server is data sent to it: once the session has touched what may not leave, none is asked for', async () => {
  const path = await askingPath('external');
  const { call, asked } = answering(path);
  expect((await call()).said).toContain('secret');
  await path.call('rough__rough', READ);
  const end = await path.call('asking__ask', { rounds: [[ROOTS]], salt: 1 }, { abilities: ABLE });
  expect(end.said).toContain('the policy lets this session send no answer to this server now');
  expect(asked()).toBe(1);
  const refused = (await path.journal()).find((entry) => entry.kind === 'asked' && entry.call === end.id);
  expect(refused?.body).toMatchObject({ answer: 'refused', rules: ['flows.stays'] });
});

test('an answer that was asked for before the session touched it is not handed over after', async () => {
  const path = await askingPath('external');
  const { call } = answering(path, async () => void (await path.call('rough__rough', READ)));
  const end = await call();
  expect(end.said).not.toContain('secret');
  expect(end.said).toContain('the policy lets this session send no answer to this server now');
  const answered = (await path.journal()).find((entry) => entry.kind === 'answered' && entry.call === end.id);
  expect(answered?.body).toMatchObject({ answer: 'refused', rules: ['flows.stays'] });
  expect(JSON.stringify(path.server.received())).not.toContain('secret');
});

test('answers to a server that keeps them are not bound', async () => {
  const path = await askingPath('internal');
  await path.call('rough__rough', READ);
  expect((await answering(path).call()).said).toContain('secret');
});

test('the rounds of a call are not judged by what the call itself has brought in: its arguments were sent before', async () => {
  const folder = temporaryFolder();
  const server = recordingServer(folder, 'asking-stdio.ts', {}, ['modern']);
  const path = await openPath(
    folder,
    `version: 1
profile: rounds
who: local
servers: { asking: ${server.yaml.slice(0, -1)}, asks: { roots: true }, defaults: { sends_to: none } } }
tools: { asking.ask: { effect: write, sends_to: external } }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: deny }]
`,
  );
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const given = { rounds: [[ROOTS]] };
  const { asked } = await path.call('asking__ask', given, { abilities: ABLE });
  if (asked === undefined) throw new Error('nothing was asked');
  const answers = { [Object.keys(asked.questions)[0] ?? '']: { roots: [{ uri: 'file:///a' }] } };
  const round = { number: asked.round, session: asked.session, digest: asked.digest, answers };
  const end = await path.call('asking__ask', given, { abilities: ABLE, id: asked.id, round });
  expect(end.said).toContain('file:///a');
  expect((await path.call('asking__ask', given, { abilities: ABLE })).refusal?.reason).toBe('denied');
});
