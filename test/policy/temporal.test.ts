import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { problemsIn } from './policy-text.ts';

const FOLDER = join(import.meta.dirname, 'temporal');
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

interface Written {
  readonly flows?: readonly unknown[];
  readonly tools: Record<string, Record<string, unknown>>;
}

/** The policy once for each of its flows and rules over earlier calls, without that one. */
function* weakened(text: string): Iterable<{ readonly without: string; readonly text: string }> {
  for (const at of (parse(text) as Written).flows?.keys() ?? []) {
    const copy = parse(text) as Written;
    yield { without: `flows.${at}`, text: stringify({ ...copy, flows: copy.flows?.toSpliced(at, 1) }) };
  }
  for (const [target, tool] of Object.entries((parse(text) as Written).tools)) {
    for (const key of ['after', 'not_after', 'limits']) {
      const rules = tool[key];
      if (!Array.isArray(rules)) continue;
      for (const at of rules.keys()) {
        const copy = parse(text) as Written;
        const rest = rules.toSpliced(at, 1);
        copy.tools[target] = { ...copy.tools[target], [key]: rest.length > 0 ? rest : undefined };
        yield { without: `${target}.${key}.${at}`, text: stringify(copy) };
      }
    }
  }
}

describe('what agents may do depends on what they did: each policy proves it by tests of its own', () => {
  it.each(FILES)('%s', (file) => {
    expect(problemsIn(textOf(file))).toEqual([]);
  });

  it.each(FILES)('%s: without any one of its rules its tests fail', (file) => {
    const rules = [...weakened(textOf(file))];
    expect(rules).not.toEqual([]);
    for (const { without, text } of rules) {
      expect(problemsIn(text), without).toContainEqual(expect.stringContaining('fails: expected deny'));
    }
  });
});
