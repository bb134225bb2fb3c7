/** `tollgate policy suggest FILE [RULE]`: what people always approved, as a diff of the policy. */
import { problemText } from '../../document/document.ts';
import { isAlwaysApproved, OFTEN, statisticsOf } from '../../domain/approval-statistics.ts';
import { printable } from '../../domain/printable.ts';
import { duration } from '../../policy/file/amounts.ts';
import { loadUntested } from '../../policy/file/load.ts';
import { suggestFrom } from '../../policy/suggest/suggest-from.ts';
import { EXIT, Exit } from '../exit.ts';
import { timeOf, withLedger } from '../ledger.ts';
import { sessionFolders } from '../session-folders.ts';
import { readPolicyFile } from './opened.ts';

interface SuggestOptions {
  readonly since: string;
  readonly config: string | undefined;
  readonly json: boolean;
}

const TEN_YEARS = 10 * 366 * 24 * 3_600_000;

/** Without a rule, those of which something may be suggested, a line each. */
export async function suggestRule(file: string, rule: string | undefined, options: SuggestOptions): Promise<void> {
  const span = duration(TEN_YEARS, '10 years').safeParse(options.since);
  if (!span.success)
    throw new Exit(EXIT.usage, [`--since: ${span.error.issues[0]?.message ?? 'expected a duration such as 30d'}`]);
  const source = readPolicyFile(file, options.config);
  const loaded = source.ok ? loadUntested(source.value) : source;
  if (!source.ok || !loaded.ok) throw new Exit(EXIT.config, (loaded.ok ? [] : loaded.error).map(problemText));
  const { name: profile } = loaded.value.profile;
  await withLedger(async (ledger) => {
    const at = timeOf(ledger);
    const asked = { of: undefined, since: at - span.data, at };
    if (rule === undefined) {
      const rules = statisticsOf((await ledger.records.asked(asked)).filter((one) => one.profile === profile));
      tellRules(
        rules.filter(isAlwaysApproved).map((one) => ({ rule: one.rule, approved: one.approved })),
        options.json,
      );
      return;
    }
    const made = await suggestFrom({ ledger, source: source.value, profile, rule, asked, dirOf: sessionFolders() });
    if (!made.ok) throw new Exit(EXIT.refused, [printable(made.error)]);
    const { diff, calls, anyText } = made.value;
    if (options.json) process.stdout.write(`${JSON.stringify({ rule, calls, any_text: anyText, diff })}\n`);
    // A person reads what is hidden in it; `git apply` takes it as it is.
    else process.stdout.write(process.stdout.isTTY ? diff.split('\n').map(printable).join('\n') : diff);
    if (anyText.length > 0 && !options.json)
      process.stderr.write(`of ${printable(anyText.join(', '))} it says only how long it may be: any text would do\n`);
  });
}

function tellRules(rules: readonly { readonly rule: string; readonly approved: number }[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(rules)}\n`);
  else if (rules.length === 0) process.stdout.write(`No rule was approved at least ${OFTEN} times and never denied.\n`);
  for (const { rule, approved } of json ? [] : rules)
    process.stdout.write(`${printable(rule)}  approved ${approved} times, never denied\n`);
}
