/**
 * A policy against the tools as they are pinned: every place that names an argument or says what one is like, at its line.
 * Only what is certain is told: a schema that leaves something open, or says it in a way not understood here, is taken to
 * accept everything.
 */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { itemsOf, membersOf } from '../../document/mapping.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Lock } from '../../domain/lock.ts';
import { type EarlierTool, historyMisfits } from './history-problems.ts';
import { argumentOf, type LockedTool, lockedTools, saidOutput, toolsByKey } from './locked-tools.ts';
import { type Misfit, ruleMisfits } from './rule-problems.ts';
import { showsMisfits } from './shows-problems.ts';
import { spendMisfits } from './spend-problems.ts';
import { testMisfits } from './test-problems.ts';

/** Tells in `found` where a policy does not fit the lock; nothing without one. */
export function typedProblems(document: YamlDocument, lock: Lock | undefined, found: Problem[]): void {
  if (lock === undefined) return;
  const locked = lockedTools(lock);
  const byKey = toolsByKey(document, locked);
  const parts = new Map(membersOf(document, 'tools'));
  const earlier: EarlierTool = (target) => {
    const tool = locked.get(target);
    const [key] = [...byKey].find(([, tools]) => tools.some((one) => one.target === target)) ?? [];
    return tool === undefined || key === undefined ? undefined : { tool, output: saidOutput(parts.get(key)) };
  };
  const misfits = [
    ...[...byKey].flatMap(([key, tools]) => {
      const part = parts.get(key);
      if (!isObject(part)) return [];
      const path = ['tools', key];
      const shown = tools.flatMap((tool) => showsMisfits(part, tool, locked, path));
      return [...partMisfits(part, tools, earlier, path), ...shown];
    }),
    ...itemsOf(document, 'tests').flatMap((test, at) =>
      isObject(test) ? testMisfits(test, lock, locked, ['tests', at]) : [],
    ),
  ];
  for (const { path, of, message } of misfits) {
    const problem = of === 'key' ? document.keyProblem(path, message) : document.problem(path, message);
    // One rule over several tools is wrong once.
    if (!found.some((one) => one.line === problem.line && one.column === problem.column)) found.push(problem);
  }
}

/** What one key of `tools` says, for all that it stands for. */
function partMisfits(
  part: JsonObject,
  tools: readonly LockedTool[],
  earlier: EarlierTool,
  path: Path,
): readonly Misfit[] {
  const cases = Array.isArray(part['cases']) ? (part['cases'] as readonly JsonValue[]) : [];
  return [
    ...rulesMisfits(part['arguments'], tools, [...path, 'arguments'], true),
    ...cases.flatMap((one, at) =>
      isObject(one) ? rulesMisfits(one['when'], tools, [...path, 'cases', at, 'when'], one['then'] === 'allow') : [],
    ),
    ...tools.flatMap((tool) => historyMisfits(part, tool, earlier, path)),
    ...tools.flatMap((tool) => spendMisfits(part, tool, path)),
  ];
}

/** Rules by argument. Of several tools not each must take every argument; but one of them must. */
function rulesMisfits(
  rules: JsonValue | undefined,
  tools: readonly LockedTool[],
  path: Path,
  certain: boolean,
): readonly Misfit[] {
  if (!isObject(rules)) return [];
  return Object.entries(rules).flatMap(([name, rule]) => {
    const places = tools.map((tool) => argumentOf(tool, [name]));
    const [first] = places;
    if (first?.wrong !== undefined && places.every((one) => one.wrong !== undefined))
      return [{ path: [...path, name], of: 'key' as const, message: `the tool ${first.wrong}` }];
    return places.flatMap((place, at) => {
      if (place.wrong !== undefined) return [];
      const misfits = ruleMisfits(rule, place.set, [...path, name], { certain, excluded: false });
      const of = tools.length === 1 ? '' : `${tools[at]?.target}: `;
      return misfits.map((misfit) => ({ ...misfit, message: of + misfit.message }));
    });
  });
}
