/** What is mutated, which tests each mutant meets, and which files decide. */
import { globSync } from 'node:fs';

export interface Scope {
  readonly name: string;
  /** The tests that the mutants meet: those of the same matter. */
  readonly tests: readonly string[];
  readonly files: readonly string[];
}

const filesOf = (pattern: string): readonly string[] =>
  globSync(pattern)
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted();

export const SCOPES: readonly Scope[] = [
  {
    name: 'history',
    tests: ['test/domain/*.test.ts'],
    files: filesOf('src/domain/{history,budget,label}.ts'),
  },
  {
    name: 'judging',
    tests: ['test/policy/*.test.ts', 'test/policy/formats/*.test.ts'],
    files: [...filesOf('src/policy/*.ts'), ...filesOf('src/policy/formats/*.ts')],
  },
  {
    name: 'locks',
    tests: ['test/policy/lock*.test.ts', 'test/policy/bad-packages.test.ts'],
    files: filesOf('src/policy/lock/*.ts'),
  },
  ...['output', 'typed', 'widening'].map((part) => ({
    name: part,
    tests: [`test/policy/${part}/*.test.ts`],
    files: filesOf(`src/policy/${part}/*.ts`),
  })),
  {
    name: 'steps',
    tests: ['test/stages/steps/*.test.ts'],
    files: filesOf('src/stages/{judge,afford,require-approval,commit,flows-met,unmet-refusal,record-refusal}.ts'),
  },
  {
    name: 'stages',
    tests: ['test/stages/*.test.ts'],
    files: filesOf('src/stages/{verify-result,resolve-*,target,accepted,answer-question,enter-session}.ts'),
  },
];

/** Of `src/policy`: files that hold words for people and agents only. Nothing that they answer is asked when a call is judged. */
const WORDS = [
  'describe',
  'describe-listed',
  'history-words',
  'observing',
  'restrictions',
  'rule-words',
  'lock/diff-text',
  'lock/entry-changes',
  'lock/lock-diff',
  'typed/value-words',
];

/** Whether a slip in this file could let a call through. */
export const decides = (file: string): boolean => !WORDS.some((words) => file === `src/policy/${words}.ts`);
