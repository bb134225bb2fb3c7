import { describe, expect, it } from 'vitest';
import { problemText } from '../../src/document/document.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { LockedServer } from '../../src/domain/lock.ts';
import { PolicyBook } from '../../src/policy/book.ts';
import { definitionOf, pinOf } from '../../src/policy/lock/definition-of.ts';
import { reachedWords } from '../../src/policy/lock/reached.ts';
import { lockFileOf, readLock } from '../../src/policy/lock/read-lock.ts';
import { lockOf, lockText } from '../../src/policy/lock/write-lock.ts';
import { HEAD, profileOf } from './policy-text.ts';

const define = (kind: 'tool' | 'prompt', entry: JsonObject) => {
  const made = definitionOf('crm', kind, entry);
  if (!made.ok) throw new Error(made.error);
  return made.value;
};
const ACT = { name: 'act', description: 'Acts.', inputSchema: { type: 'object', properties: { z: {}, a: {} } } };
const BE = { name: 'be', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
const REACHED = '{"command":["node","crm.js"]}';
const locked = (more: Partial<LockedServer> = {}): LockedServer => ({
  instructions: 'Be kind.',
  definitions: [define('tool', BE), define('tool', ACT), define('prompt', { name: 'p' })],
  templates: [{ uriTemplate: 'crm://{id}', name: 'case' }],
  pages: new Map([['ui://b', `sha256:${'b'.repeat(64)}`]]),
  reached: REACHED,
  era: 'legacy',
  ...more,
});
const textOf = (more: Partial<LockedServer> = {}): string => lockText({ servers: new Map([['crm', locked(more)]]) });
const read = (text: string) => {
  const lock = readLock({ file: 'p.lock.json', text });
  return lock.ok ? lock.value : lock.error.map(problemText);
};

describe('a lock file', () => {
  it('stands beside its policy', () => {
    expect(['a/p.yaml', 'a/p.yml', 'a/p'].map(lockFileOf)).toEqual(['a/p.lock.json', 'a/p.lock.json', 'a/p.lock.json']);
  });

  it('is read as it was written: the very same definitions, with their pins', () => {
    const lock = readLock({ file: 'p.lock.json', text: textOf() });
    if (!lock.ok) throw new Error(JSON.stringify(lock.error));
    const { definitions, ...rest } = locked();
    const { definitions: again, ...others } = lock.value.servers.get('crm') ?? locked({ definitions: [] });
    expect(others).toEqual(rest);
    expect(again).toEqual(
      definitions.toSorted((one, other) => (one.kind === 'tool' && one.name < other.name ? -1 : 0)),
    );
    expect(lockOf('p.lock.json', lock.value.servers)).toEqual(lock.value);
  });

  it('has one text, in whatever order a server lists; arguments keep theirs', () => {
    const { definitions } = locked();
    expect(textOf({ definitions: definitions.toReversed() })).toBe(textOf());
    expect(textOf()).toMatch(/"z": \{\},\s+"a": \{\}/);
  });

  it('that Git gave other line ends is the same', () => {
    expect(read(textOf().replaceAll('\n', '\r\n'))).toMatchObject({ servers: expect.anything() });
  });

  const SEAL = 'the seal is not that of the servers below';
  it.each([
    ['a description', 'Acts.', 'Acts for you.', /:16:18: the pin is not that of the entry beside it/],
    ['a pin', pinOf(ACT), `sha256:${'0'.repeat(64)}`, /:16:18: the pin is not that of the entry/],
    ['a template', '"case"', '"every case"', /the pin is not that of the entry/],
    ['a hint', '"readOnlyHint": true', '"readOnlyHint": false', new RegExp(`:3:11: ${SEAL}`)],
    ['instructions', 'Be kind.', 'Be quick.', new RegExp(`:3:11: ${SEAL}`)],
    ['a command', '"crm.js"', '"evil.js"', new RegExp(`:3:11: ${SEAL}`)],
    ['an era', '"legacy"', '"modern"', new RegExp(`:3:11: ${SEAL}`)],
    ['a page', 'bbbb"', 'bbbc"', new RegExp(`:3:11: ${SEAL}`)],
    [
      'a member twice',
      '"instructions"',
      '"instructions": "Obey.",\n      "instructions"',
      /:1:1: this is not as Tollgate/,
    ],
    ['a blank', '"version": 1', '"version":  1', /:1:1: this is not as Tollgate writes it/],
    ['a name twice', '"be"', '"act"', /the pin is not that of the entry/],
    ['its version', '"version": 1', '"version": 2', /:2:14: /],
    ['an unknown member', '"version": 1', '"version": 1,\n  "mode": "off"', /unknown key "mode"/],
    ['its form', '"version": 1,', '"version": 1', /:3:3: no valid JSON/],
  ])('edited by hand is refused: %s', (_, from, to, said) => {
    const text = textOf().replace(from, to);
    expect(text).not.toBe(textOf());
    expect(read(text)).toEqual(expect.arrayContaining([expect.stringMatching(said)]));
  });

  it('tells every entry that is wrong at once', () => {
    const text = textOf().replace('Acts.', 'Acts!').replace('"case"', '"cases"');
    expect(read(text)).toHaveLength(2);
  });

  it('too large, too deep, or no mapping is one line', () => {
    expect(read('[')).toHaveLength(1);
    expect(read('[]')).toHaveLength(1);
    expect(read(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toEqual([expect.stringContaining('nested deeper')]);
  });
});

describe('a pin', () => {
  it('is of everything but the annotations', () => {
    const pin = pinOf(ACT);
    expect(pinOf({ ...ACT, annotations: { title: 'x' } })).toBe(pin);
    for (const more of [{ title: 'x' }, { description: 'Acts' }, { _meta: {} }, { icons: [] }, { inputSchema: {} }])
      expect(pinOf({ ...ACT, ...more })).not.toBe(pin);
  });
});

describe('a policy with a lock', () => {
  const policy = (servers: string) => `${HEAD}servers: ${servers}\ntools: { crm.act: { effect: read } }\n`;
  const added = (text: string, lock: string) =>
    new PolicyBook(new Map()).add({ file: 'p.yaml', text }, { file: 'p.lock.json', text: lock });

  it('has it, and how its servers are reached as it writes that: no value of a variable', () => {
    const text = policy('{ crm: { command: [node, crm.js], env: { B: secret, A: x }, cwd: "$' + '{policy.dir}/x" } }');
    const { reached } = profileOf(text);
    expect(reached.get('crm')).toBe('{"command":["node","crm.js"],"cwd":"$' + '{policy.dir}/x","env":["A","B"]}');
    expect(reachedWords(reached.get('crm') ?? '')).toBe('node crm.js in $' + '{policy.dir}/x with A, B');
    const same = added(policy('{ crm: { command: [node, crm.js] } }'), textOf());
    expect(same.ok && same.value.lock?.servers.get('crm')?.reached).toBe(REACHED);
  });

  it.each([
    ['with another word', '{ command: [node, --inspect, crm.js] }'],
    ['in another folder', '{ command: [node, crm.js], cwd: /elsewhere }'],
    ['with another variable', '{ command: [node, crm.js], env: { NODE_OPTIONS: x } }'],
    ['by a URL', '{ url: "http://x" }'],
  ])('does not load where a server is reached %s', (_, reach) => {
    expect(added(policy(`{ crm: ${reach} }`), textOf())).toEqual({
      ok: false,
      error: [
        'p.yaml:4:12: crm is reached otherwise than when it was pinned (node crm.js); see tollgate policy diff p.yaml',
      ],
    });
  });

  it('does not load where a server is not in it, or the lock is broken', () => {
    expect(added(policy('{ crm: { command: [node, crm.js] } }'), lockText({ servers: new Map() }))).toEqual({
      ok: false,
      error: ['p.yaml:4:12: crm is not pinned in p.lock.json; see tollgate policy diff p.yaml'],
    });
    expect(added(policy('{ crm: { command: [node, crm.js] } }'), '{}')).toMatchObject({
      ok: false,
      error: expect.arrayContaining([expect.stringMatching(/^p\.lock\.json:1:1: /)]),
    });
  });
});
