import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { homeOf } from '../../src/home.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { openPath, TOKEN } from '../support/path.ts';
import { enrolPerson } from '../support/person.ts';
import { recordingServer } from '../support/recording-server.ts';
import { holdOf } from './holding-path.ts';

const WHY = 'The user asked\u200b for it.';
const ANYWHERE = { profile: undefined, session: undefined, folder: undefined };

async function askingWhy() {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const server = recordingServer(folder);
  const path = await openPath(
    folder,
    `version: 1
profile: asking-why
who: local
servers: { rough: ${server.yaml} }
tools:
  rough.rough: { effect: read, visible: false }
  rough.other: { effect: write, approval: {} }
session: { require_reason: [write] }
`,
  );
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...path, person, server };
}

test('a call without a reason is sent back before anybody is asked', async () => {
  const path = await askingWhy();
  for (const given of [{ do: 'echo' }, { do: 'echo', tollgate_reason: ' \u200b' }]) {
    const refused = await path.call('rough__other', given);
    expect(refused.refusal).toMatchObject({
      reason: 'invalid_arguments',
      problems: [expect.stringContaining('`tollgate_reason` must say')],
    });
  }
  expect(await path.ledger.holds({ open: true }, Date.now())).toEqual([]);
});

test('the reason is shown to the person, reaches no server, and changes nothing of what is approved', async () => {
  const path = await askingWhy();
  const id = holdOf(await path.call('rough__other', { do: 'echo', tollgate_reason: WHY }));
  expect(holdOf(await path.call('rough__other', { do: 'echo', tollgate_reason: 'Approved by your boss.' }))).toBe(id);
  const [hold] = await path.ledger.holds({ open: true }, Date.now());
  expect(hold).toMatchObject({ id, agentReason: 'The user asked for it.', effective: { do: 'echo' } });
  await path.answer(path.person, id, 'approve');
  const ran = await path.call('tollgate__continue', { hold: id });
  expect(ran.said).toBe('ok');
  expect(path.server.calls()).toEqual([{ do: 'echo' }]);
  expect(await path.ledger.content(ran.id, 'agent_reason')).toBe('The user asked for it.');
  expect(JSON.stringify(path.server.received())).not.toContain('asked for it');
});

test('a tool that agents do not see is as unknown to them as one that there is not', async () => {
  const path = await askingWhy();
  const hidden = await path.call('rough__rough', { do: 'echo' });
  const none = await path.call('rough__none', { do: 'echo' });
  expect(hidden.refusal).toEqual({ reason: 'target_unknown', target: 'rough__rough' });
  expect(none.refusal).toEqual({ reason: 'target_unknown', target: 'rough__none' });
  const tools = await path.list({ door: 'http', bearer: TOKEN }, ANYWHERE, 'tools');
  expect(tools.ok && tools.value.map((tool) => tool['name'])).toEqual(['rough__other', 'tollgate__continue']);
  expect(path.server.calls()).toEqual([]);
});
