/** A trial: agents work under a policy that only observes, a policy is learned from what they did, and it is held to that. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Answered, callAndWait, modernAgent } from './support/agents.ts';
import { deploy, REPOSITORY } from './support/deployment.ts';
import { endedWithTest } from './support/ended.ts';
import { onlyHold, sessionIn } from './support/listings.ts';
import { FIRST_TIME, typedAt } from './support/person.ts';

const SLOW = 300_000;

/** The demo's policy over folders of the deployment, nothing enforced but what cannot be undone. */
const observing = (folder: string): string =>
  readFileSync(join(REPOSITORY, 'policies/demo.yaml'), 'utf8')
    .replaceAll(`\${policy.dir}/../.demo`, folder)
    .replaceAll(`\${policy.dir}/..`, REPOSITORY)
    .replace('who: local\n', 'who: local\nmode: observe\n')
    .replace(/^tests:[\s\S]*/m, '');

test('what was learned from a trial loads, allows what was seen, and denies what was not', {
  timeout: SLOW,
}, async () => {
  const deployment = deploy(endedWithTest(), observing);
  const agent = await modernAgent(await deployment.start());
  for (const day of ['monday', 'tuesday', 'wednesday'])
    await agent.call('workspace__write_file', { path: `notes/${day}.md`, text: `Sunny on ${day}.` });
  const read = await agent.call('workspace__read_file', { path: 'welcome.md' });
  expect(read.text).toContain('Ada asked');
  const outside = await agent.call('workspace__write_file', { path: 'elsewhere.md', text: 'Sunny.' });
  expect(outside).toMatchObject({ isError: false });
  const letter = { request_id: 'minutes-1', to: 'ada@example.com', subject: 'Minutes', body: 'Attached.' };
  const waiting: { answer: Promise<Answered> } = await callAndWait(agent, 'outbox__send_message', letter);
  const hold = await onlyHold(deployment);
  const tollgate = join(REPOSITORY, 'src/cli/tollgate.mjs');
  await typedAt(deployment.env, process.execPath, [tollgate, 'approve', hold], FIRST_TIME);
  expect(await waiting.answer).toMatchObject({ isError: false });
  await agent.close();
  const session = await sessionIn(deployment, undefined);
  const out = join(deployment.folder, 'policies/learned.yaml');

  const learned = await deployment.run('policy', 'learn', session, '--out', out);
  expect([learned.code, learned.errors]).toEqual([0, '']);
  const text = readFileSync(out, 'utf8');
  expect(text).toContain('  workspace.write_file: # 3 calls in 1 session\n');
  expect(text).toContain('within: [notes]');
  expect(text).toContain('workspace.write_file, denied by workspace.write_file.arguments.path');
  expect(text).not.toContain('mode: observe');
  // It is not written over.
  expect((await deployment.run('policy', 'learn', session, '--out', out)).code).toBe(1);

  expect(await deployment.run('policy', 'check', out)).toMatchObject({ code: 0 });
  expect((await deployment.run('policy', 'test', out)).output).toMatch(/, all pass\n$/);
  // Nothing differs but the one call that the trial let through.
  const replayed = await deployment.run('policy', 'replay', out, '--json');
  expect(JSON.parse(replayed.output)).toMatchObject({
    calls: 6,
    differences: [
      { target: 'workspace.write_file', was: 'allow', would: 'deny', rules: ['workspace.write_file.arguments.path'] },
    ],
  });
  const words = await deployment.run('policy', 'replay', out, '--since', '1d', '--session', session);
  expect([words.code, words.output]).toEqual([
    1,
    expect.stringMatching(
      /^\d{4}-\d\d-\d\d \d\d:\d\d s_[\w-]+ workspace\.write_file: ran, would be denied by workspace\.write_file\.arguments\.path\n6 calls of demo, 1 difference\n$/,
    ),
  ]);
  // Under the policy itself nothing differs: it only observes.
  const own = await deployment.run('policy', 'replay', deployment.policy);
  expect([own.code, own.output]).toEqual([0, '6 calls of demo, no difference\n']);
  expect((await deployment.run('policy', 'replay', out, '--session', 's_none')).code).toBe(1);
  expect((await deployment.run('policy', 'replay', out, '--since', 'soon')).code).toBe(64);
});

test('no command over a policy but pin, diff and install starts anything', { timeout: SLOW }, async () => {
  const deployment = deploy(endedWithTest());
  const agent = await modernAgent(await deployment.start());
  await agent.call('workspace__read_file', { path: 'welcome.md' });
  await agent.close();
  const session = await sessionIn(deployment, undefined);
  const mark = join(deployment.folder, 'started');
  const file = join(deployment.folder, 'policies/trap.yaml');
  const script = `require('node:fs').writeFileSync(${JSON.stringify(mark)}, 'x')`;
  writeFileSync(
    file,
    `version: 1
profile: demo
who: local
servers: { workspace: { command: [node, -e, ${JSON.stringify(script)}] } }
tools: { workspace.read_file: { effect: read } }
tests: [{ name: a, call: workspace.read_file, arguments: { path: x }, expect: deny }]
`,
  );
  const good = join(deployment.folder, 'policies/good.yaml');
  copyFileSync(file, good);
  writeFileSync(good, readFileSync(file, 'utf8').replace('expect: deny', 'expect: allow'));
  const ran = await Promise.all([
    deployment.run('policy', 'check', file),
    deployment.run('policy', 'check', good, '--json'),
    deployment.run('policy', 'test', file),
    deployment.run('policy', 'explain', file, 'workspace.read_file', '{"path":"x"}'),
    deployment.run('policy', 'replay', good),
    deployment.run('policy', 'learn', session),
    deployment.run('policy', 'schema'),
  ]);
  expect(ran.map(({ code }) => code)).toEqual([78, 0, 1, 0, 0, 0, 0]);
  expect(() => readFileSync(mark)).toThrow();
  expect(JSON.parse(ran[1]?.output ?? '')).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      line: 2,
      column: 1,
      message: expect.stringContaining('no lock file'),
    }),
  );
  expect(ran[2]?.output).toMatch(/^FAIL {2}a {2}allow by workspace\.read_file\n.*:6:\d+: the test "a" fails/);
});
