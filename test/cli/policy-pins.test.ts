import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Difference } from '../../src/policy/lock/lock-diff.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';
import { type Place, place, policyOf, problemsOf } from './place.ts';

interface Pinning extends Place {
  readonly policy: string;
  readonly lock: string;
  readonly description: string;
  /** Every message that reached the server. */
  received(): readonly { readonly method: string }[];
}

function pinning(): Pinning {
  const here = place();
  const description = here.file('description', 'Sends mail to Ada.');
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = recordingServer(folder, 'rough-stdio.ts', { LIST: description });
  const policy = here.file('p.yaml', policyOf(server.yaml));
  return { ...here, policy, lock: policy.replace('.yaml', '.lock.json'), description, received: server.received };
}

test('nothing is started before somebody said yes: without a terminal that is --yes, and what would start is shown', async () => {
  const { tollgate, policy, lock, received } = pinning();
  const asked = await tollgate(['policy', 'pin', policy]);
  expect(problemsOf(asked, 77)).toEqual([
    'tollgate: this starts and contacts the servers above; without a terminal say so with --yes',
  ]);
  expect(asked.stderr).toMatch(/^rough: starts "node" ".*rough-stdio\.ts" in /);
  expect([existsSync(lock), received()]).toEqual([false, []]);
  // A yes on standard input is nobody's.
  expect((await tollgate(['policy', 'pin', policy], { input: 'y\n' })).code).toBe(77);
  expect(received()).toEqual([]);
});

test('a policy is pinned once; then it is compared, in words, with exit codes for machines', async () => {
  const { tollgate, policy, lock, description } = pinning();
  const written = await tollgate(['policy', 'pin', policy, '--yes']);
  expect([written.code, written.stdout]).toEqual([0, expect.stringContaining('rough: 2 tools, 0 prompts')]);
  const text = readFileSync(lock, 'utf8');
  expect(text).not.toContain(description);
  // What was accepted before is asked about no more.
  expect(await tollgate(['policy', 'diff', policy])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^same /),
  });

  writeFileSync(description, 'Sends mail to Eve.');
  const differs = await tollgate(['policy', 'diff', policy]);
  expect(differs.code).toBe(1);
  expect(differs.stdout).toContain('tool rough.rough  changed\n    description: Sends mail to [-Ada-]{+Eve+}.\n');
  expect(differs.stdout).toContain(`tollgate policy accept --pins ${policy}`);
  expect(differs.stdout).not.toContain('rough.other');
  const json = await tollgate(['policy', 'diff', policy, '--json']);
  const { same, differences } = JSON.parse(json.stdout) as { same: boolean; differences: readonly Difference[] };
  expect([json.code, same, differences.map(({ name, how }) => [name, how])]).toEqual([
    1,
    false,
    [['rough', 'changed']],
  ]);
  // To pin again only shows: what a person accepted stays until one accepts another.
  const again = await tollgate(['policy', 'pin', policy, '--yes']);
  expect([again.code, again.stdout]).toEqual([1, differs.stdout]);
  expect(readFileSync(lock, 'utf8')).toBe(text);
});

test('a command that is not the accepted one is not started unasked', async () => {
  const { tollgate, policy, received, file } = pinning();
  expect((await tollgate(['policy', 'pin', policy, '--yes', '--json'])).code).toBe(0);
  const before = received().length;
  file('p.yaml', readFileSync(policy, 'utf8').replace('rough-stdio.ts"', 'rough-stdio.ts","modern"'));
  expect((await tollgate(['policy', 'diff', policy])).code).toBe(77);
  expect(received()).toHaveLength(before);
  const differs = await tollgate(['policy', 'diff', policy, '--yes']);
  expect([differs.code, differs.stdout]).toEqual([1, expect.stringContaining('era: [-legacy-]{+modern+}')]);
  expect(differs.stdout).toMatch(/reached: .*rough-stdio\.ts.*\{\+.*modern/);
  const [problem] = problemsOf(await tollgate(['policy', 'check', policy]), 78);
  expect(problem).toMatch(/p\.yaml:4:12: rough is reached otherwise than when it was pinned \(node .*rough-stdio\.ts/);
});

test('a lock that was edited by hand is told with its place, and nothing is started', async () => {
  const { tollgate, policy, lock, received } = pinning();
  await tollgate(['policy', 'pin', policy, '--yes']);
  const before = received().length;
  writeFileSync(lock, readFileSync(lock, 'utf8').replace('to Ada', 'to Eve'));
  for (const words of [['check'], ['diff'], ['pin', '--yes']]) {
    const [problem] = problemsOf(await tollgate(['policy', ...words, policy]), 78);
    expect(problem).toMatch(
      /p\.lock\.json:\d+:\d+: the pin is not that of the entry beside it: a lock file is not edited/,
    );
  }
  expect(received()).toHaveLength(before);
});

test('a server that does not start, and a policy that names none, end in one line', async () => {
  const { tollgate, file } = place();
  const dead = file('dead.yaml', policyOf('{ command: [node, "-e", "process.exit(3)"] }'));
  expect(problemsOf(await tollgate(['policy', 'pin', dead, '--yes']), 69)).toEqual([
    expect.stringMatching(/^tollgate: rough: /),
  ]);
  expect(existsSync(dead.replace('.yaml', '.lock.json'))).toBe(false);
  expect(
    problemsOf(await tollgate(['policy', 'pin', file('x.yaml', 'servers: { a: {} }\n'), '--yes']), 78),
  ).toHaveLength(1);
  expect(problemsOf(await tollgate(['policy', 'diff', '/nowhere.yaml']), 78)).toHaveLength(1);
});

test('a gateway whose local server is not what its lock says runs all the same, without the changed tool', async () => {
  const { tollgate, policy, lock, description } = pinning();
  await tollgate(['policy', 'pin', policy, '--yes']);
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'policy.lock.json'), readFileSync(lock, 'utf8'));
  writeFileSync(description, 'Sends mail to Eve.');
  const gateway = await startGateway(readFileSync(policy, 'utf8'), { folder });
  onTestFinished(() => gateway.stop());
  expect(gateway.reports).toContainEqual(
    expect.stringContaining('rough: the tool rough is described otherwise than in '),
  );
  const answer = await post(gateway, legacyCall('rough__rough', { do: 'echo' }));
  expect(textOf(answer)).toMatch(/CHANGED/);
  const ledger = await visit(gateway.home);
  onTestFinished(() => ledger.close());
  const entry = (await ledger.journal('gateway')).find(({ kind }) => kind === 'policy');
  expect(entry?.body['lock']).toMatchObject({ text: readFileSync(lock, 'utf8') });
});
