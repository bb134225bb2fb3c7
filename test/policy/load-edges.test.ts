import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadPolicy } from '../../src/policy/file/load.ts';
import { HEAD, problemsIn, profileOf, SERVERS } from './policy-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TOOLS = 'tools: { crm.act: {} }\n';

test('a policy whose base was not read is not loaded without it', () => {
  expect(problemsIn(`include: base.yaml\n${HEAD}${SERVERS}${TOOLS}`)).toEqual([
    '1:1: the file that this names was not read',
  ]);
});

test('a policy enforces where it says nothing else', () => {
  expect(profileOf(HEAD + SERVERS + TOOLS).mode).toBe('enforce');
});

test('the digest of a policy tells which file of it says what', () => {
  const digestOf = (own: string, base: string): string => {
    const loaded = loadPolicy({ file: 'p.yaml', text: own, bases: [{ file: 'base.yaml', text: base }] });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    return loaded.value.digest;
  };
  const base = HEAD + SERVERS + TOOLS;
  const own = 'include: base.yaml\nprofile: own\n';
  expect(digestOf(`${own}# shared\n`, base)).not.toBe(digestOf(own, `# shared\n${base}`));
});

test("the labels of a server's defaults are checked where they stand", () => {
  const servers = 'servers: { crm: { command: [node, crm.js], defaults: { labels: [secrt] } } }\n';
  const flows = 'flows: [{ id: out, when: { labels: [secret], sends_to: external }, then: deny }]\n';
  const tool = 'tools: { crm.act: {}, crm.get: { labels: [secret] } }\n';
  expect(problemsIn(HEAD + servers + flows + tool)).toEqual([
    expect.stringMatching(/^4:\d+: .*"secrt".*did you mean "secret"/),
  ]);
});

test('a server of the deployment serves several sessions only where the policy says so', () => {
  const url = new URL('https://crm.example.com/mcp');
  const deployed = new Map([['crm', { kind: 'http', url } as never]]);
  expect([...profileOf(HEAD + TOOLS, deployed).shared]).toEqual([]);
  expect([...profileOf(`${HEAD}servers: { crm: { shared: true } }\n${TOOLS}`, deployed).shared]).toEqual(['crm']);
});

test('a file that includes another cannot say where a server of that starts', () => {
  writeFileSync(join(folder, 'x'), '');
  const loaded = loadPolicy({
    file: join(folder, 'own.yaml'),
    text: 'include: base.yaml\nprofile: own\nservers: { crm: { cwd: sub } }\n',
    bases: [{ file: join(folder, 'base.yaml'), text: HEAD + SERVERS + TOOLS }],
  });
  expect(loaded.ok).toBe(false);
});
