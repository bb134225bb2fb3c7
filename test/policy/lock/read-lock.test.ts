import { describe, expect, test } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import type { Definition } from '../../../src/domain/contract.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { LockedPackage, LockedServer } from '../../../src/domain/lock.ts';
import { definitionOf } from '../../../src/policy/lock/definition-of.ts';
import { readLock } from '../../../src/policy/lock/read-lock.ts';
import { lockText } from '../../../src/policy/lock/write-lock.ts';

const TOOL = { name: 'act', inputSchema: { type: 'object' } };
const PACKAGE: LockedPackage = {
  name: 'a',
  version: '1.2.3',
  integrity: `sha512-${'A'.repeat(86)}==`,
  tree: `sha256:${'a'.repeat(64)}`,
  record: { packages: {} },
};

/** As a lock would hold it, whether or not it may be one. */
const unread = (raw: JsonObject, kind: Definition['kind'] = 'tool'): Definition => ({
  kind,
  server: 'crm',
  name: 'act',
  description: undefined,
  inputSchema: {},
  outputSchema: undefined,
  raw,
  pin: '',
});
const textOf = (more: Partial<LockedServer>): string =>
  lockText({
    servers: new Map([
      [
        'crm',
        { instructions: undefined, definitions: [], templates: [], pages: new Map(), reached: undefined, ...more },
      ],
    ]),
  });
const read = (text: string) => readLock({ file: 'p.lock.json', text });
const serverIn = (text: string): LockedServer | undefined => {
  const lock = read(text);
  if (!lock.ok) throw new Error(lock.error.map(problemText).join('\n'));
  return lock.value.servers.get('crm');
};
const problemsIn = (text: string): readonly string[] => {
  const lock = read(text);
  return lock.ok ? [] : lock.error.map(problemText);
};
/** `LINE:COLUMN` where the value after these words begins, looked for one after the other. */
const placeIn = (text: string, ...words: readonly string[]): string => {
  const end = words.reduce((from, word) => {
    const found = text.indexOf(word, from);
    if (found < 0) throw new Error(`${word} is not in the file`);
    return found + word.length;
  }, 0);
  const lines = text.slice(0, end).split('\n');
  return `p.lock.json:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
};

describe('what a lock does not say of a server', () => {
  test('is not there when it is read: no era, no package, no way to reach it', () => {
    expect(serverIn(textOf({}))).toStrictEqual({
      instructions: undefined,
      definitions: [],
      templates: [],
      pages: new Map(),
      reached: undefined,
    });
  });

  test('and what it says is: the package that runs, with all that was recorded of it', () => {
    expect(serverIn(textOf({ package: PACKAGE, era: 'modern' }))).toMatchObject({ package: PACKAGE, era: 'modern' });
  });
});

describe('a lock whose seal and pins are whole is refused all the same, at the place,', () => {
  test('where an entry is no tool or prompt that could be judged', () => {
    const text = textOf({ definitions: [unread({ name: 'act' }), unread({ name: 'ask', arguments: 7 }, 'prompt')] });
    expect(problemsIn(text)).toEqual([
      `${placeIn(text, '"tools"', '"entry": ')}: the tool act is dropped: it has no input schema`,
      `${placeIn(text, '"prompts"', '"entry": ')}: the prompt ask is dropped: its arguments are no list`,
    ]);
  });

  test('where a name stands twice: which of them is meant nobody knows', () => {
    const other = { ...TOOL, description: 'Acts for somebody else.' };
    const text = textOf({ definitions: [unread(TOOL), unread(other)] });
    expect(problemsIn(text)).toEqual([
      `${placeIn(text, '"entry"', '"entry"', '"name": ')}: the tool act stands twice here`,
    ]);
    const made = definitionOf('crm', 'prompt', { name: 'act' });
    if (!made.ok) throw new Error(made.error);
    expect(problemsIn(textOf({ definitions: [unread(TOOL), made.value] }))).toEqual([]);
  });

  test('where a template has no pattern, or could be shown to nobody', () => {
    const text = textOf({
      templates: [
        { uriTemplate: 'crm://{id}', name: 'case', title: 7 },
        { uriTemplate: 7, name: 'odd' },
      ],
    });
    expect(problemsIn(text).toSorted()).toEqual(
      [
        `${placeIn(text, '"templates"', '"entry": ')}: its title is of the wrong type`,
        `${placeIn(text, '"templates"', '"entry": ', '"entry": ')}: it has no uriTemplate`,
      ].toSorted(),
    );
  });

  test('where it has the pin of another template', () => {
    const text = textOf({ templates: [{ uriTemplate: 'crm://{id}', name: 'case' }] }).replace('"case"', '"every case"');
    expect(problemsIn(text)).toEqual([
      expect.stringContaining(`${placeIn(text, '"templates"', '"pin": ')}: the pin is not that of the entry`),
    ]);
  });
});

describe('what is wrong with the form', () => {
  test('is told where it stands', () => {
    const text = textOf({ definitions: [unread(TOOL)] });
    const extra = text.replace('"pages": {}', '"pages": {},\n      "trust": true');
    expect(problemsIn(extra)).toEqual([`${placeIn(extra, '"trust": ')}: unknown key "trust"`]);
    const gone = text.replace(/"seal": "[^"]+",\s+/, '');
    expect(problemsIn(gone)).toEqual([expect.stringMatching(/^p\.lock\.json:1:1: /)]);
    const nothing = text.replace(/"tools": \[[^\]]*\]/s, '"tools": null');
    expect(problemsIn(nothing)).toEqual([expect.stringContaining(`${placeIn(nothing, '"tools": ')}: `)]);
    const bare = text.replace(/("tools": \[)[^\]]*(\])/s, '$1\n        7\n      $2');
    expect(problemsIn(bare)).toEqual([expect.stringContaining(`${placeIn(bare, '"tools": [\n        ')}: `)]);
  });

  test('is told by its path where the file has not the form that Tollgate gives it', () => {
    const small = JSON.stringify(JSON.parse(textOf({ definitions: [unread(TOOL)] })) as JsonObject).replace(
      '"act"',
      '"be"',
    );
    expect(problemsIn(small)).toEqual([
      expect.stringMatching(/^p\.lock\.json:1:1: servers\.crm\.tools\.0\.pin: the pin is not that of the entry/),
    ]);
  });
});

test('a file of 32 MiB is read, a larger one is not even parsed', () => {
  const most = 32 * 1024 * 1024;
  expect(problemsIn('['.padEnd(most, ' '))).toEqual([expect.stringContaining('no valid JSON')]);
  expect(problemsIn('['.padEnd(most + 1, ' '))).toEqual(['p.lock.json:1:1: the file is larger than 32 MiB']);
});
