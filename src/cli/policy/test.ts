/** `tollgate policy test FILE`: the tests that a policy carries, one by one. Ends with 1 where one fails. */
import { problemText } from '../../document/document.ts';
import { printable } from '../../domain/printable.ts';
import { told } from '../../policy/file/inline-tests.ts';
import { count } from '../counts.ts';
import { EXIT } from '../exit.ts';
import { colours } from '../terminal.ts';
import { openPolicy } from './opened.ts';

interface TestOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

export async function testPolicy(file: string, { config, json }: TestOptions): Promise<void> {
  const { profile, document, tests } = openPolicy(file, config);
  const ran = tests.map(({ path, test }) => {
    const { verdict, failure } = told(test, profile);
    const problem = document.problem([...path, ...(failure?.path ?? ['name'])], failure?.message ?? '');
    return {
      name: test.name,
      call: test.call,
      passed: failure === undefined,
      expect: test.expect,
      verdict: verdict?.verdict,
      rules: verdict?.rules ?? [],
      line: problem.line,
      problem: failure === undefined ? undefined : problemText(problem),
    };
  });
  const failed = ran.filter(({ passed }) => !passed);
  if (failed.length > 0) process.exitCode = EXIT.refused;
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ policy: profile.file, passed: ran.length - failed.length, tests: ran })}\n`,
    );
    return;
  }
  for (const one of ran) {
    const mark = one.passed ? colours.green('pass') : colours.red('FAIL');
    const by = `${one.verdict ?? 'not judged'} by ${one.rules.join(', ')}`;
    process.stdout.write(
      `${mark}  ${printable(one.name)}  ${colours.dim(one.verdict === undefined ? '' : printable(by))}`.trimEnd(),
    );
    process.stdout.write('\n');
    if (one.problem !== undefined) process.stdout.write(`      ${printable(one.problem)}\n`);
  }
  const end = failed.length === 0 ? 'all pass' : `${failed.length} failed`;
  process.stdout.write(`${count(ran.length, 'test')}, ${ran.length === 0 ? 'nothing is tested' : end}\n`);
}
