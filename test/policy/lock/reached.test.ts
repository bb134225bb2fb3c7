import { describe, expect, test } from 'vitest';
import { readYaml } from '../../../src/document/document.ts';
import type { Lock } from '../../../src/domain/lock.ts';
import { reachedIn, reachedWords } from '../../../src/policy/lock/reached.ts';
import { HEAD, lockOf, problemsIn } from '../policy-text.ts';

const reachedBy = (text: string): readonly (readonly [string, string])[] => {
  const read = readYaml('p.yaml', text);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return [...reachedIn(read.value)];
};
const reach = (server: string) => reachedBy(`servers: { crm: ${server} }\n`);

describe('how a server is reached is pinned', () => {
  test.each([
    ['{ url: "https://x", era: legacy }', '{"era":"legacy","url":"https://x"}'],
    ['{ url: "https://x" }', '{"url":"https://x"}'],
    ['{ command: [node, a.js], era: modern }', '{"command":["node","a.js"],"era":"modern"}'],
    ['{ package: "npm:a@1.2.3" }', '{"package":"npm:a@1.2.3"}'],
    [
      '{ package: "npm:a@1.2.3", arguments: [--x], cwd: /y }',
      '{"arguments":["--x"],"cwd":"/y","package":"npm:a@1.2.3"}',
    ],
    ['{ command: [a], env: { B: "1", A: "2" } }', '{"command":["a"],"env":["A","B"]}'],
    ['{ command: [a], env: {} }', '{"command":["a"]}'],
    ['{ command: [a], timeout: 9s, labels: [x] }', '{"command":["a"]}'],
  ])('%s', (server, said) => {
    expect(reach(server)).toEqual([['crm', said]]);
  });

  test('of those alone that the policy itself defines', () => {
    expect(reachedBy('servers: { a: { command: [x] }, b: { timeout: 9s }, c: 7 }\n').map(([name]) => name)).toEqual([
      'a',
    ]);
    expect(reachedBy('servers: 7\n')).toEqual([]);
    expect(reachedBy('version: 1\n')).toEqual([]);
  });
});

test('a person reads it as one line, in which words that hold blanks cannot pass for several', () => {
  expect(reachedWords('{"command":["node","a b","b c"]}')).toBe('node "a b" "b c"');
  expect(reachedWords('{"arguments":["--x=1","y z"],"cwd":"/y","package":"npm:a@1.2.3"}')).toBe(
    'npm:a@1.2.3 --x=1 "y z" in /y',
  );
  expect(reachedWords('{"package":"npm:a@1.2.3"}')).toBe('npm:a@1.2.3');
  expect(reachedWords('{"url":"https://x/y"}')).toBe('https://x/y');
  expect(reachedWords('{"command":["a"],"env":["A","B"]}')).toBe('a with A, B');
});

describe('a policy whose lock has a server reached otherwise does not load:', () => {
  const policy = (server: string) => `${HEAD}servers: { crm: ${server} }\ntools: { crm.act: {} }\n`;
  const SEE = '; see tollgate policy diff p.yaml';
  const OTHERWISE = '4:12: crm is reached otherwise than when it was pinned';
  const withReach = (reached: string | undefined): Lock => {
    const lock = lockOf(['act']);
    const crm = lock.servers.get('crm');
    if (crm === undefined) throw new Error('the lock has no crm');
    return { ...lock, servers: new Map([['crm', { ...crm, reached }]]) };
  };

  test('one that was the deployment’s then, and one of another era', () => {
    expect(problemsIn(policy('{ command: [node, crm.js] }'), undefined, withReach(undefined))).toEqual([
      `${OTHERWISE} (by gateway.yaml)${SEE}`,
    ]);
    expect(problemsIn(policy('{ command: [node, crm.js], era: legacy }'), undefined, lockOf(['act']))).toEqual([
      `${OTHERWISE} (node crm.js)${SEE}`,
    ]);
    expect(problemsIn(policy('{ command: [node, crm.js] }'), undefined, lockOf(['act']))).toEqual([]);
  });
});
