import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { LockedServer } from '../../../src/domain/lock.ts';
import { definitionOf } from '../../../src/policy/lock/definition-of.ts';
import { lockShape } from '../../../src/policy/lock/lock-shape.ts';
import { packageShape } from '../../../src/policy/lock/package-shape.ts';
import { readLock } from '../../../src/policy/lock/read-lock.ts';
import { lockText } from '../../../src/policy/lock/write-lock.ts';

const promptOf = (name: string) => {
  const made = definitionOf('crm', 'prompt', { name });
  if (!made.ok) throw new Error(made.error);
  return made.value;
};
const SERVER: LockedServer = {
  instructions: undefined,
  definitions: [promptOf('a'), promptOf('b')],
  templates: [
    { uriTemplate: 'crm://a/{x}', name: 'z' },
    { uriTemplate: 'crm://b/{x}', name: 'y' },
  ],
  pages: new Map([
    ['ui://a', `sha256:${'a'.repeat(64)}`],
    ['ui://b', `sha256:${'b'.repeat(64)}`],
  ]),
  reached: undefined,
};
const textOf = (server: LockedServer) => lockText({ servers: new Map([['crm', server]]) });

describe('a lock is written in one text', () => {
  test('in whatever order servers are found, and each lists its prompts, templates and pages', () => {
    const { definitions, templates, pages } = SERVER;
    const turned = {
      ...SERVER,
      definitions: definitions.toReversed(),
      templates: templates.toReversed(),
      pages: new Map([...pages].toReversed()),
    };
    expect(textOf(turned)).toBe(textOf(SERVER));
    const both = (...names: readonly string[]) => lockText({ servers: new Map(names.map((name) => [name, SERVER])) });
    expect(both('desk', 'crm')).toBe(both('crm', 'desk'));
    const places = ['"a"', '"b"', 'crm://a/', 'crm://b/', 'ui://a', 'ui://b'].map((word) =>
      textOf(turned).indexOf(word),
    );
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  test.each([
    '{"command":["node","crm.js"],"cwd":"/x","env":["A"],"era":"legacy"}',
    '{"arguments":["--x"],"cwd":"/x","env":["A"],"era":"modern","package":"npm:some-server@1.2.3"}',
    '{"era":"legacy","url":"https://crm.example"}',
  ])('that says how the server is reached: %s', (reached) => {
    const read = readLock({ file: 'p.lock.json', text: textOf({ ...SERVER, reached }) });
    expect(read.ok && read.value.servers.get('crm')?.reached).toBe(reached);
  });
});

describe('the form of a lock', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const server = { tools: [], prompts: [], templates: [], pages: {} };
  const accepts = (rest: JsonObject) => lockShape.safeParse({ version: 1, seal: digest, servers: {}, ...rest }).success;

  test('has whole digests and nothing beside them', () => {
    expect(accepts({})).toBe(true);
    for (const seal of [`x${digest}`, `${digest}0`, `${digest}\n`, digest.toUpperCase(), digest.slice(0, -1), ''])
      expect(accepts({ seal })).toBe(false);
  });

  test('has of each server what there is to say, and nothing that nobody reads', () => {
    expect(accepts({ servers: { crm: server } })).toBe(true);
    for (const odd of [
      { trusted: true },
      { era: 'other' },
      { reached: {} },
      { reached: { command: [] } },
      { reached: { command: ['a'], url: 'https://x' } },
      { reached: { url: 'https://x', cwd: '/x' } },
      { reached: { package: 'npm:a@1.2.3', url: 'https://x' } },
      { tools: [{ pin: digest, entry: {}, more: 1 }] },
      { tools: [{ pin: digest }] },
      { pages: { 'ui://a': 'x' } },
    ])
      expect(accepts({ servers: { crm: { ...server, ...odd } } })).toBe(false);
  });

  test('has of a package what pins its bytes, whole', () => {
    const whole = {
      name: 'some-server',
      version: '1.2.3',
      integrity: `sha512-${'A'.repeat(86)}==`,
      tree: digest,
      record: {},
    };
    const takes = (rest: JsonObject) => packageShape.safeParse({ ...whole, ...rest }).success;
    expect(takes({})).toBe(true);
    for (const odd of [
      { name: '' },
      { version: '' },
      { integrity: `x${whole.integrity}` },
      { integrity: `${whole.integrity}=` },
      { integrity: `${whole.integrity} sha1-x` },
      { tree: `x${digest}` },
      { tree: `${digest}0` },
      { record: [] },
      { record: 'x' },
      { more: 1 },
    ])
      expect(takes(odd)).toBe(false);
  });
});
