import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decides, SCOPES } from './scopes.ts';
import { firstLines, type Mutant, type Reviewed, scoresOf, verdictOn } from './survivors.ts';

const mutant = (rest: Partial<Mutant> = {}): Mutant => ({
  file: 'src/policy/judge/judge.ts',
  line: 1,
  was: 'if (a) return b;',
  becomes: 'if (true) return b;',
  mutator: 'ConditionalExpression',
  noticed: false,
  ...rest,
});
const dangerous = (one: Mutant, reviewed: readonly Reviewed[] = []) => verdictOn([one], reviewed, decides).dangerous;

test('an unreviewed survivor is dangerous where it decides about calls, and nowhere else', () => {
  expect(dangerous(mutant())).toHaveLength(1);
  expect(dangerous(mutant({ noticed: true }))).toEqual([]);
  expect(dangerous(mutant({ file: 'src/policy/shown/describe.ts' }))).toEqual([]);
});

test('a review is of one change to one line: of another change, or another line, it says nothing', () => {
  const { file, was, becomes } = mutant();
  const reviewed = [{ file, was, becomes, why: 'the same' }];
  expect(dangerous(mutant({ line: 9 }), reviewed)).toEqual([]);
  expect(dangerous(mutant({ becomes: 'if (false) return b;' }), reviewed)).toHaveLength(1);
  expect(dangerous(mutant({ was: 'if (c) return b;' }), reviewed)).toHaveLength(1);
  expect(dangerous(mutant({ file: 'src/policy/judge/rule.ts' }), reviewed)).toHaveLength(1);
});

test('a review of what does not survive any more is told, of files that were mutated', () => {
  const old = { file: 'src/policy/judge/judge.ts', was: 'x', becomes: 'y', why: 'the same' };
  expect(verdictOn([mutant()], [old], decides).outdated).toEqual([old]);
  expect(verdictOn([mutant({ file: 'src/policy/judge/rule.ts' })], [old], decides).outdated).toEqual([]);
});

test('a sentence that is changed is words only; a name is not, nor is code beside a sentence', () => {
  const text = (was: string, becomes: string) => dangerous(mutant({ mutator: 'StringLiteral', was, becomes }));
  expect(text("refuse('it is late')", 'refuse("")')).toEqual([]);
  expect(text("a.split(' ')", 'a.split("")')).toHaveLength(1);
  expect(text("case 'not_after':", 'case "":')).toHaveLength(1);
  expect(text("if (kind === 'after') return 'it is late';", 'if (kind === "") return \'it is late\';')).toHaveLength(1);
  expect(dangerous(mutant({ was: "a('b c')", becomes: "a('')" }))).toHaveLength(1);
});

test('a change is told by the line where it begins', () => {
  const text = 'one\n  two(three,\n  four)\n';
  const whole = { start: { line: 2, column: 6 }, end: { line: 3, column: 8 } };
  expect(firstLines(text, whole, '()')).toEqual({ was: 'two(three,', becomes: 'two()' });
});

test('scores are by file, the worst first', () => {
  const other = mutant({ file: 'src/policy/judge/rule.ts', noticed: true });
  expect(scoresOf([other, mutant(), mutant({ noticed: true })])).toEqual([
    { file: 'src/policy/judge/judge.ts', noticed: 1, all: 2 },
    { file: 'src/policy/judge/rule.ts', noticed: 1, all: 1 },
  ]);
});

test('every file is mutated once, and there', () => {
  const files = SCOPES.flatMap((scope) => scope.files);
  expect(new Set(files).size).toBe(files.length);
  expect(files).toEqual(
    expect.arrayContaining(['src/domain/history.ts', 'src/policy/judge/judge.ts', 'src/stages/judge.ts']),
  );
  expect(files.filter((file) => !existsSync(file))).toEqual([]);
});

test('every review says why, of a line that is there', () => {
  const reviewed = JSON.parse(readFileSync('test/mutation/harmless.json', 'utf8')) as readonly Reviewed[];
  for (const { file, was, why } of reviewed) {
    expect(why.length).toBeGreaterThan(10);
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.map((line) => line.trim().replace(/\s+/g, ' '))).toContain(was);
  }
});
