import { describe, expect, it } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import { loadPolicy } from '../../../src/policy/file/load.ts';
import { HEAD } from '../policy-text.ts';
import { misfitsIn, REFERENCE } from './locked.ts';

const WIDE = 'tools:\n';
const problemsOf = (...lines: readonly string[]) => misfitsIn(`${WIDE}${lines.map((line) => `  ${line}\n`).join('')}`);

describe('a policy over the reference servers', () => {
  it('loads where all fits, with its tests', () => {
    const text = `${HEAD}servers: { files: { command: [a] }, memory: { command: [b] }, every: { command: [c] } }
tools:
  files.read_text_file: { arguments: { path: { within: /srv }, head: { maximum: 100, type: integer } } }
  files.edit_file:
    arguments:
      path: { within: /srv }
      edits: { maxItems: 5, items: { properties: { oldText: { minLength: 1 } }, required: [newText] } }
      dryRun: { const: true }
  files.list_directory_with_sizes: { arguments: { sortBy: { enum: [name] } } }
  files.list_allowed_directories: {}
  memory.create_entities: { arguments: { entities: { items: { properties: { entityType: { enum: [person] } } } } } }
  every.get-structured-content:
    cases:
      - { id: far, when: { location: { const: Chicago } }, then: hold }
      - { id: near, when: { location: { not: { const: Chicago } } }, then: allow }
  every.gzip-file-as-resource: { arguments: { data: { hosts: [raw.githubusercontent.com] } } }
  every.get-sum: { arguments: { a: { anyOf: [{ maximum: 5 }, { minimum: 10 }] } } }
tests:
  - { name: a, call: files.read_text_file, arguments: { path: /srv/a, head: 3 }, expect: allow }
  - { name: b, call: files.read_text_file, arguments: { path: 7 }, expect: deny }
  - { name: c, call: every.get-structured-content, arguments: { location: Chicago }, expect: hold }
`;
    const loaded = loadPolicy({ file: 'p.yaml', text, lock: REFERENCE });
    expect(loaded.ok ? [] : loaded.error.map(problemText)).toEqual([]);
    const odd = loadPolicy({
      file: 'p.yaml',
      text: text.replace('{ within: /srv }, head', '{ maximum: 1 }, head'),
      lock: REFERENCE,
    });
    expect(odd.ok ? [] : odd.error.map(problemText)).toEqual([
      'p.yaml:6:57: "maximum" says nothing here: the tool takes text',
      'p.yaml:22:90: the test "a" fails: expected allow, came out deny by files.read_text_file.arguments.path',
    ]);
    expect(
      loadPolicy({ file: 'p.yaml', text: text.replace('oldText', 'oldTxt').replace('sortBy', 'sort'), lock: undefined })
        .ok,
    ).toBe(true);
  });

  it.each([
    [
      'an argument misspelt, in rules and in cases',
      'files.read_text_file: { arguments: { pth: { within: /srv } }, cases: [{ id: a, when: { heda: { maximum: 5 } }, then: allow }] }',
      [
        '2:40: the tool has no argument "pth"; did you mean "path"?',
        '2:90: the tool has no argument "heda"; did you mean "head"?',
      ],
    ],
    [
      'an argument of another tool',
      'files.move_file: { arguments: { path: { within: /srv } } }',
      ['2:35: the tool has no argument "path"; it takes `source`, `destination`'],
    ],
    [
      'keywords of another type',
      'files.write_file: { arguments: { path: { maximum: 5 }, content: { maxItems: 3, minimum: 1 } } }',
      [
        '2:53: "maximum" says nothing here: the tool takes text',
        '2:79: "maxItems" says nothing here: the tool takes text',
        '2:91: "minimum" says nothing here: the tool takes text',
      ],
    ],
    [
      'patterns and formats over numbers',
      'every.get-sum: { arguments: { a: { pattern: "[0-9]+" }, b: { within: /srv } } }',
      [
        '2:47: "pattern" says nothing here: the tool takes a number',
        '2:72: "within" says nothing here: the tool takes a number',
      ],
    ],
    [
      'values that the tool never takes',
      'every.get-structured-content: { arguments: { location: { enum: [Chicago, Chicaco, 5] } }, cases: [{ id: a, when: { location: { const: Paris } }, then: deny }] }',
      [
        '2:76: the tool never takes "Chicaco" here; did you mean "Chicago"?; the tool takes one of "New York", "Chicago", "Los Angeles"',
        '2:85: the tool never takes 5 here; the tool takes one of "New York", "Chicago", "Los Angeles"',
        '2:137: the tool never takes "Paris" here; the tool takes one of "New York", "Chicago", "Los Angeles"',
      ],
    ],
    [
      'values excluded that the tool never takes',
      'every.get-structured-content: { arguments: { location: { not: { const: Boston } } } }',
      ['2:74: the tool never takes "Boston" here; the tool takes one of "New York", "Chicago", "Los Angeles"'],
    ],
    [
      'ranges that do not meet',
      'every.get-resource-links: { arguments: { count: { minimum: 11 } }, cases: [{ id: a, when: { count: { exclusiveMinimum: 10 } }, then: hold }, { id: b, when: { count: { anyOf: [{ maximum: 5 }, { exclusiveMaximum: 1 }] } }, then: allow }] }',
      [
        '2:51: no value that the tool takes can meet this: it takes a number >= 1 and <= 10',
        '2:102: no value that the tool takes can meet this: it takes a number >= 1 and <= 10',
        '2:194: no value that the tool takes can meet this: it takes a number >= 1 and <= 10',
      ],
    ],
    [
      'types that do not meet, and sizes',
      'files.read_multiple_files: { arguments: { paths: { type: string } }, cases: [{ id: a, when: { paths: { maxItems: 0 } }, then: deny }] }',
      [
        '2:52: no value that the tool takes can meet this: it takes a list of at least 1',
        '2:104: no value that the tool takes can meet this: it takes a list of at least 1',
      ],
    ],
    [
      'what is wrong deep inside',
      'memory.create_entities: { arguments: { entities: { items: { properties: { name: { minimum: 1 }, observations: { contains: { type: integer } } } } } } }',
      [
        '2:94: "minimum" says nothing here: the tool takes text',
        '2:125: no value that the tool takes can meet this: it takes text',
      ],
    ],
  ])('%s', (_name, line, problems) => {
    expect(problemsOf(line)).toEqual(problems);
  });

  it('may speak of each tool that a pattern stands for, as long as one takes what it names', () => {
    expect(
      problemsOf(
        'files.{read_text_file,list_allowed_directories,move_file}: { arguments: { path: { within: /srv } } }',
        'files.*_file: { arguments: { head: { maximum: 5 }, tail: { minLength: 1 } } }',
        'files.{create_directory,list_directory}: { arguments: { pth: { within: /srv } } }',
        'files.read_file: { arguments: { tail: { maximum: 5 } } }',
        'memory.nothing*: { arguments: { x: { maximum: 5 } } }',
      ),
    ).toEqual([
      '3:73: files.read_text_file: "minLength" says nothing here: the tool takes a number',
      '4:59: the tool has no argument "pth"; did you mean "path"?',
    ]);
  });

  it('has tests that make calls which the tools take', () => {
    const tests = [
      '{ call: files.read_text_file, arguments: { path: 7 }, expect: allow }',
      '{ call: files.read_text_file, arguments: { path: 7, haed: 1 }, expect: deny }',
      '{ call: files.read_text_file, expect: hold }',
      '{ call: files.raed_text_file, expect: deny, rule: tools }',
      '{ call: files.raed_text_file, expect: deny }',
      '{ call: other.x, expect: deny, rule: tools }',
      '{ call: files.write_file, arguments: { path: /srv/x }, expect: deny, given: { calls: [{ call: every.get-sum, arguments: { a: 1, c: 2 } }, { call: every.get-sum }, { call: every.get-sum, arguments: { a: 1, b: x } }] } }',
    ];
    expect(
      misfitsIn(`tools: { files.read_text_file: {} }\ntests:\n${tests.map((one) => `  - ${one}\n`).join('')}`),
    ).toEqual([
      '3:46: files.read_text_file does not take this call: `path` must be text',
      '4:57: files.read_text_file has no argument "haed"; did you mean "head"?',
      '5:5: files.read_text_file does not take this call: `path` is missing',
      '6:13: files has no tool "raed_text_file"; did you mean "files.read_text_file"?',
      '9:133: every.get-sum has no argument "c"; did you mean "a"?',
      '9:202: every.get-sum does not take this call: `b` must be a number',
    ]);
  });
});
