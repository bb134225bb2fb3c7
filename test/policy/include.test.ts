import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { PolicyBook } from '../../src/policy/book.ts';
import { ref } from './policy-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollgate-include-'));
mkdirSync(join(folder, 'team'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
}
const load = (name: string) => new PolicyBook(new Map()).addFile(at(name));
const problems = (name: string): readonly string[] => {
  const loaded = load(name);
  return loaded.ok ? [] : loaded.error.map((line) => line.replaceAll(`${folder}/`, ''));
};

const BASE = `version: 1
profile: base
who: local
servers: { crm: { command: [node, "${ref('policy.dir')}/crm.js"] } }
tools:
  crm.read: { effect: read }
  crm.send: { arguments: { n: { maximum: 9 } } }
budgets: { session: { calls: 10 } }
tests: [{ name: nine, call: crm.send, arguments: { n: 9 }, expect: allow }]
`;

describe('a policy that includes another', () => {
  it('is the other with its own keys laid over, each name of a folder meant where it is written', () => {
    write({
      'base.yaml': BASE,
      'team/own.yaml':
        'include: ../base.yaml\nprofile: team\ntools: { crm.send: { approval: {}, arguments: { n: { maximum: 5 } } } }\n',
    });
    const loaded = load('team/own.yaml');
    if (!loaded.ok) throw new Error(loaded.error.join('\n'));
    const { name, tools, servers, caps, digest } = loaded.value;
    expect([name, [...tools.keys()], caps]).toEqual(['team', ['crm.read', 'crm.send'], { calls: 10 }]);
    expect(tools.get('crm.send')?.restrictions).toEqual(['`n` must be <= 5.', 'A person must approve every call.']);
    expect(servers.get('crm')).toMatchObject({ command: ['node', at('crm.js')], cwd: folder });
    write({ 'base.yaml': BASE.replace('calls: 10', 'calls: 9') });
    const later = load('team/own.yaml');
    expect(later.ok && later.value.digest).not.toBe(digest);
  });

  it('may only narrow it: each widening is told where it is written', () => {
    write({
      'base.yaml': BASE,
      'team/own.yaml': `include: ../base.yaml
tools:
  crm.read: { effect: write }
  crm.send: { effect: write, arguments: { n: { maximum: 10 } } }
  crm.drop: {}
budgets: { session: { calls: 11 } }
`,
    });
    const said = (place: string, words: string) =>
      `team/own.yaml:${place}: wider than base.yaml, which this file may only narrow: ${words}`;
    expect(problems('team/own.yaml')).toEqual([
      said('4:15', 'tools.crm.send.effect: write, was irreversible'),
      said('4:48', 'tools.crm.send.arguments.n.maximum: 10, was 9'),
      said('5:3', 'tools.crm.drop: it was not there'),
      said('6:23', 'budgets.session.calls: 11, was 10'),
    ]);
  });

  it('is refused with the problems of the other, under its name', () => {
    write({ 'base.yaml': BASE.replace('effect: read', 'effect: raed'), 'team/own.yaml': 'include: ../base.yaml\n' });
    expect(problems('team/own.yaml')).toEqual([
      'base.yaml:6:23: expected one of read, draft, write, irreversible, found "raed"; did you mean "read"?',
    ]);
    write({ 'team/own.yaml': 'include: ../none.yaml\n' });
    expect(problems('team/own.yaml')).toEqual(['team/own.yaml:1:10: none.yaml: there is no such file']);
  });

  it('is told where it is written, though the other writes that, too', () => {
    write({
      'base.yaml': BASE,
      'team/own.yaml': 'include: ../base.yaml\nprofile: team\nbudgets:\n  session:\n    calls: none\n    searches: 5\n',
    });
    expect(problems('team/own.yaml')).toEqual([
      'team/own.yaml:5:12: expected a number, found "none"',
      'team/own.yaml:6:5: unused: nothing charges "searches"',
    ]);
  });

  it.each(["''", '5', '[base.yaml]'])('names it by a path, not by %s', (said) => {
    write({ 'own.yaml': `include: ${said}\n` });
    expect(problems('own.yaml')).toEqual(['own.yaml:1:10: expected the path of a policy file, relative to this one']);
  });

  it('is a file that is there', () => {
    expect(problems('nowhere.yaml')).toEqual([expect.stringContaining('nowhere.yaml')]);
  });

  it('includes no more than three, and never itself', () => {
    write({
      '1.yaml': 'include: 2.yaml\n',
      '2.yaml': 'include: 3.yaml\n',
      '3.yaml': 'include: 4.yaml\n',
      '4.yaml': BASE,
    });
    expect(problems('1.yaml')).toEqual([]);
    write({ '4.yaml': 'include: 5.yaml\n', '5.yaml': BASE });
    expect(problems('1.yaml')).toEqual(['4.yaml:1:10: expected at most 3 files that include each other']);
    write({ '2.yaml': 'include: 1.yaml\n' });
    expect(problems('1.yaml')).toEqual(['2.yaml:1:10: 1.yaml includes itself, through this file']);
  });

  it('takes the lock of the other where it has none of its own', () => {
    write({ 'base.yaml': BASE, 'base.lock.json': '{"of":"base"}', 'team/own.yaml': 'include: ../base.yaml\n' });
    const book = new PolicyBook(new Map());
    const lockOf = (name: string) => {
      const texts = book.read(at(name));
      return texts.ok ? texts.value.lock?.text : undefined;
    };
    expect(lockOf('team/own.yaml')).toBe('{"of":"base"}');
    write({ 'team/own.lock.json': '{"of":"own"}' });
    expect(lockOf('team/own.yaml')).toBe('{"of":"own"}');
  });
});

it('is in its book by its name once it is loaded, and not where it is refused', () => {
  write({ 'alone.yaml': BASE, 'broken.yaml': BASE.replace('profile: base', 'profile: BASE') });
  const policies = new PolicyBook(new Map());
  const added = policies.addFile(at('alone.yaml'));
  expect(added.ok && policies.byName.get('base')).toBe(added.ok && added.value);
  expect(added).toMatchObject({ ok: true });
  expect(policies.addFile(at('broken.yaml')).ok).toBe(false);
  expect([...policies.byName.keys()]).toEqual(['base']);
});
