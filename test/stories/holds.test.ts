import { expect, test } from 'vitest';
import { callAndWait, legacyAgent, modernAgent } from './support/agents.ts';
import { deploy } from './support/deployment.ts';
import { endedWithTest } from './support/ended.ts';
import { onlyHold, openHolds, outputOf, sessionIn } from './support/listings.ts';
import { atTerminal, FIRST_TIME } from './support/person.ts';
import { messageIn } from './support/story.ts';

const SEND = 'outbox__send_message';
const letter = { request_id: 'r1', to: 'ada@example.com', subject: 'Hi', body: 'Hello' };
const SLOW = { timeout: 180_000 };

test('two clients with the same held call: one hold, one message, and both get the result', SLOW, async () => {
  const ended = endedWithTest();
  const deployment = deploy(ended);
  const door = await deployment.start();
  const [older, newer] = await Promise.all([legacyAgent(door), modernAgent(door)]);
  ended.defer(() => Promise.all([older.close(), newer.close()]).then(() => undefined));
  const waiting = await Promise.all([callAndWait(older, SEND, letter), callAndWait(newer, SEND, letter)]);
  const hold = await onlyHold(deployment);
  expect(deployment.delivered()).toEqual([]);

  const { code } = await atTerminal(deployment, ['approve', hold], FIRST_TIME);
  expect(code).toBe(0);
  const answers = await Promise.all(waiting.map(({ answer }) => answer));

  expect(deployment.delivered()).toHaveLength(1);
  expect(answers.map(({ isError }) => isError)).toEqual([false, false]);
  const [one, two] = answers.map(messageIn);
  expect(one).toMatch(/^[0-9a-f-]{36}@localhost$/);
  expect(two).toBe(one);
  expect(answers.filter(({ text }) => text.startsWith('RECORDED: '))).toHaveLength(1);
});

test(
  'a denied call tells the agent why, is not sent, and stays denied without asking anybody again',
  SLOW,
  async () => {
    const ended = endedWithTest();
    const deployment = deploy(ended);
    const agent = await modernAgent(await deployment.start());
    ended.defer(() => agent.close());
    const { answer } = await callAndWait(agent, SEND, letter);
    const hold = await onlyHold(deployment);

    const reason = 'Ada left the company.';
    const { screen, code } = await atTerminal(deployment, ['deny', hold, '--because', reason], FIRST_TIME);
    expect(code).toBe(0);
    expect(screen).toContain('Denied. The agent is told why.');
    const sentence = `DENIED, NOT DONE: a person denied this exact call: ${reason} Rewording is denied too. Instead: Tell the user.`;
    expect(await answer).toMatchObject({ isError: true, text: sentence });
    expect(await agent.call(SEND, letter)).toMatchObject({ isError: true, text: sentence });
    expect((await agent.call('tollgate__continue', { hold })).text).toBe(sentence);

    expect(await openHolds(deployment)).toEqual([]);
    expect(deployment.delivered()).toEqual([]);
    const trace = outputOf(await deployment.run('trace', await sessionIn(deployment, undefined)));
    expect(trace).toMatch(/decided .*verdict=deny .*because=Ada left the company\./);
    expect(trace).not.toMatch(/\bintent\b/);
  },
);

test(
  'an answer to a hold needs the passphrase that was set, and a hold that is answered takes no other',
  SLOW,
  async () => {
    const ended = endedWithTest();
    const deployment = deploy(ended);
    const agent = await modernAgent(await deployment.start());
    ended.defer(() => agent.close());
    const first = await callAndWait(agent, SEND, letter);
    const hold = await onlyHold(deployment);
    await atTerminal(deployment, ['deny', hold, '--because', 'No.'], FIRST_TIME);
    await first.answer;
    const again = await atTerminal(deployment, ['approve', hold], []);
    expect(again).toMatchObject({ code: 1, screen: expect.stringContaining(`hold ${hold} is denied`) });

    const second = await callAndWait(agent, SEND, { ...letter, request_id: 'r2' });
    const other = await onlyHold(deployment);
    const wrong = await atTerminal(deployment, ['approve', other], [['Passphrase to approve: ', 'not the passphrase']]);
    expect(wrong.code).toBe(77);
    expect(await onlyHold(deployment)).toBe(other);
    const piped = await deployment.run('approve', other);
    expect(piped).toMatchObject({ code: 77, errors: expect.stringContaining('must be typed at a terminal') });
    expect(deployment.delivered()).toEqual([]);
    second.answer.catch(() => undefined);
  },
);
