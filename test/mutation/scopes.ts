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
    name: 'agreement',
    tests: [
      'test/domain/{terms,proof}.test.ts',
      'test/identity/agreement.test.ts',
      'test/stages/steps/{agreement,commit}.test.ts',
    ],
    files: filesOf('src/domain/{agreement,terms,proof}.ts'),
  },
  {
    name: 'who',
    tests: ['test/domain/who.test.ts', 'test/policy/{who,book}.test.ts', 'test/stages/choose-profile.test.ts'],
    files: filesOf('src/{domain/who,policy/file/who-shape}.ts'),
  },
  {
    name: 'judging',
    tests: ['test/policy/*.test.ts', 'test/policy/formats/*.test.ts'],
    files: filesOf('src/policy/{,file/,formats/,history/,judge/,schema/,shown/,shows/,uris/}*.ts').filter(
      (file) => !file.endsWith('/who-shape.ts'),
    ),
  },
  {
    name: 'locks',
    tests: ['test/policy/lock*.test.ts', 'test/policy/lock/*.test.ts', 'test/policy/bad-packages.test.ts'],
    files: filesOf('src/policy/lock/*.ts'),
  },
  {
    name: 'widening',
    // The properties look at thousands of pairs of policies: too slow for each of hundreds of mutants.
    tests: ['test/policy/widening/*widenings.test.ts'],
    files: filesOf('src/policy/widening/*.ts'),
  },
  {
    name: 'typed',
    // As above.
    tests: ['test/policy/typed/{history,kinds,places,reference-servers,schema-values,shows,value-set}.test.ts'],
    files: filesOf('src/policy/typed/*.ts'),
  },
  ...['explain', 'learn', 'lint', 'output', 'replay', 'suggest'].map((part) => ({
    name: part,
    tests: [`test/policy/${part}/*.test.ts`],
    files: filesOf(`src/policy/${part}/*.ts`),
  })),
  {
    name: 'steps',
    tests: ['test/stages/steps/{afford,commit,intent-of,judge,refusals}.test.ts'],
    files: filesOf('src/stages/{judge,afford,commit,intent-of,flows-met,unmet-refusal,record-refusal}.ts'),
  },
  {
    name: 'shown',
    tests: ['test/stages/shown-content.test.ts', 'test/stages/steps/require-approval.test.ts'],
    files: filesOf('src/stages/{require-approval,shown-content,reading-of}.ts'),
  },
  {
    name: 'results',
    tests: ['test/stages/steps/{verify-result,accepted}.test.ts'],
    files: filesOf('src/stages/{verify-result,accepted}.ts'),
  },
  {
    name: 'targets',
    tests: ['test/stages/steps/resolve-*.test.ts'],
    files: filesOf('src/stages/{resolve-*,scope-refusal,target,stopped}.ts'),
  },
  {
    name: 'sessions',
    tests: ['test/stages/steps/sessions.test.ts', 'test/stages/choose-profile.test.ts'],
    files: filesOf('src/stages/{enter-session,choose-profile,named-session}.ts'),
  },
  {
    name: 'questions',
    tests: ['test/stages/steps/questions.test.ts'],
    files: filesOf('src/stages/answer-question.ts'),
  },
];

/** Of `src/policy`: what tells people and agents of policies. Nothing that it answers is asked when a call is judged. */
const WORDS = [
  'explain/',
  'file/file-schema.ts',
  'file/observing.ts',
  'file/rule-places.ts',
  'history/history-words.ts',
  'judge/restrictions.ts',
  'judge/rule-words.ts',
  'learn/',
  'lint/',
  'lock/diff-text.ts',
  'lock/entry-changes.ts',
  'lock/lock-diff.ts',
  'lock/package-changes.ts',
  'lock/pin-changes.ts',
  'replay/',
  'shown/describe.ts',
  'shown/file-changes.ts',
  'shown/scopes-named.ts',
  'suggest/',
  'typed/value-words.ts',
];

/** Whether a slip in this file could let a call through. */
export const decides = (file: string): boolean => !WORDS.some((words) => file.startsWith(`src/policy/${words}`));
