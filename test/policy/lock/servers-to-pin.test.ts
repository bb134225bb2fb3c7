import { describe, expect, test } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import type { Source } from '../../../src/document/source.ts';
import type { Servers } from '../../../src/domain/policy.ts';
import { serversToPin } from '../../../src/policy/lock/servers-to-pin.ts';

const SHARED: Servers = new Map([['mail', { kind: 'http', url: 'https://mail.example', era: undefined }]]);

const source = (file: string, text: string): Source => ({ file, text });
const pinnedOf = (first: Source, ...bases: readonly Source[]) => {
  const read = serversToPin({ files: [first, ...bases] }, SHARED);
  if (!read.ok) throw new Error(read.error.map(problemText).join('\n'));
  return read.value;
};
const problemsOf = (first: Source, ...bases: readonly Source[]): readonly string[] => {
  const read = serversToPin({ files: [first, ...bases] }, SHARED);
  return read.ok ? [] : read.error.map(problemText);
};

const POLICY = source(
  'p.yaml',
  `servers:
  crm: { command: [node, crm.js], asks: { roots: true } }
  desk: { command: [node, desk.js] }
  idle: { command: [node, idle.js] }
tools: { "crm.*": {}, mail.send: {}, nobody.act: {} }
resources: [{ server: desk, uri: "desk://**" }]
`,
);

describe('the servers to pin', () => {
  test('are those that the policy uses, its own and the deployment’s, with what each may ask; others are not started', () => {
    const toPin = pinnedOf(POLICY);
    expect(toPin.file).toBe('p.yaml');
    expect([...toPin.servers.keys()].toSorted()).toEqual(['crm', 'desk', 'mail']);
    expect(toPin.servers.get('crm')).toMatchObject({ kind: 'stdio', command: [expect.anything(), 'crm.js'] });
    expect(toPin.servers.get('mail')).toEqual(SHARED.get('mail'));
    expect([...toPin.asks]).toEqual([['crm', { elicitation: [], sampling: undefined, roots: true }]]);
    expect(toPin.reached.get('desk')).toBe('{"command":["node","desk.js"]}');
  });

  test('are also those of the files that it includes, reached as the nearest file says', () => {
    const base = source('base.yaml', 'servers: { crm: { command: [node, old.js] } }\ntools: { crm.act: {} }\n');
    const middle = source('middle.yaml', 'include: base.yaml\nservers: { crm: { command: [node, mid.js] } }\n');
    const over = source('p.yaml', 'include: middle.yaml\nservers: { crm: { command: [node, new.js] } }\n');
    const toPin = pinnedOf(over, middle, base);
    expect(toPin.file).toBe('p.yaml');
    expect([...toPin.servers.keys()]).toEqual(['crm']);
    expect(toPin.reached.get('crm')).toBe('{"command":["node","new.js"]}');
    expect(pinnedOf(source('p.yaml', 'include: middle.yaml\n'), middle, base).reached.get('crm')).toContain('mid.js');
  });

  test('are none where a file cannot be read, the including or the included', () => {
    const broken = source('base.yaml', 'servers: [\n');
    expect(problemsOf(broken)).toEqual([expect.stringMatching(/^base\.yaml:/)]);
    expect(problemsOf(POLICY, broken)).toEqual([expect.stringMatching(/^base\.yaml:/)]);
    expect(problemsOf(POLICY)).toEqual([]);
  });

  test('are none where one is described wrongly, and every such place is told in its order', () => {
    const wrong = source(
      'p.yaml',
      'servers:\n  b: { command: [] }\n  a: { comand: [x] }\ntools: { a.act: {}, b.act: {} }\nsets: { n: 7 }\n',
    );
    const lines = problemsOf(wrong).map((line) => Number(line.split(':')[1]));
    expect(lines.length).toBeGreaterThan(2);
    expect(lines).toEqual(lines.toSorted((one, other) => one - other));
    expect(new Set(lines)).toEqual(new Set([2, 3, 5]));
  });
});
