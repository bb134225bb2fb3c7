/** What is doubtful about single tools: power without a limit, rules that look stronger than they are, rules never reached. */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { membersOf } from '../../document/mapping.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import type { LoadedPolicy } from '../file/load.ts';
import { keyOfTool } from '../file/rule-places.ts';
import { type ToolPart, toolShape } from '../file/target-shape.ts';
import type { Case } from '../judge/rules.ts';
import { isCovered } from './covered.ts';

export function toolWarnings({ document, profile }: LoadedPolicy): readonly Problem[] {
  return membersOf(document, 'tools').flatMap(([key, part]) => {
    const read = toolShape.safeParse(part);
    const mine = [...profile.tools].filter(([target]) => keyOfTool(document, profile.lock, target) === key);
    const [first] = mine;
    if (!read.success || first === undefined) return [];
    const path = ['tools', key];
    return [
      ...powerWarnings(document, path, read.data, first[1]),
      ...patternWarnings(document, path, read.data, descriptionsOf(profile.lock, first[1])),
      ...caseWarnings(document, path, read.data.cases ?? []),
    ];
  });
}

/** A tool that changes something, with nothing that ends it; a tool that cannot be undone, with a way past every person. */
function powerWarnings(
  document: YamlDocument,
  path: Path,
  tool: ToolPart,
  { worst, contract }: TargetPolicy,
): readonly Problem[] {
  if (!contract.visible || (worst !== 'write' && worst !== 'irreversible')) return [];
  const holds = (tool.cases ?? []).some((one) => one.then === 'hold' && !one.observes);
  const isHeld = tool.cases === undefined ? tool.approval !== undefined : holds;
  const isLimited =
    (tool.limits ?? []).some((one) => one.mode !== 'observe') || Object.keys(contract.charges).length > 0;
  const unproven =
    tool.cases === undefined
      ? tool.approval === undefined
      : tool.cases.some(({ then, effect }) => then === 'allow' && (effect ?? contract.effect) === 'irreversible');
  const warnings: string[] = [];
  if (!isHeld && !isLimited) {
    const unsaid = tool.effect === undefined && worst === 'irreversible' ? ' (the effect is unsaid)' : '';
    warnings.push(`${worst}${unsaid}, and nothing limits it: say limits, charges or approval`);
  }
  if (worst === 'irreversible' && unproven && isHeld)
    warnings.push('irreversible, and some calls of it need no approval: nobody proves to have agreed');
  else if (worst === 'irreversible' && unproven && isLimited)
    warnings.push('irreversible without approval: nobody proves to have agreed');
  return warnings.map((message) => document.keyProblem(path, message));
}

const LANGUAGE = /(?:^|[^a-z])(sql|query|command|cmd|script|shell|bash|code|expression)(?:$|[^a-z])/i;

/** A pattern over text that another program parses. */
function patternWarnings(
  document: YamlDocument,
  path: Path,
  tool: ToolPart,
  describedOf: (name: string) => string,
): readonly Problem[] {
  const rules = [
    ...Object.entries(tool.arguments ?? {}).map(([name, rule]) => [name, rule, [...path, 'arguments', name]] as const),
    ...(tool.cases ?? []).flatMap((one, at) =>
      Object.entries(one.when).map(([name, rule]) => [name, rule, [...path, 'cases', at, 'when', name]] as const),
    ),
  ];
  return rules.flatMap(([name, rule, place]) => {
    const words = name.replace(/([a-z])([A-Z])/g, '$1 $2');
    const [, word] = LANGUAGE.exec(words) ?? /\b(SQL|shell command|script)\b/.exec(describedOf(name)) ?? [];
    if (word === undefined || !hasPattern(rule)) return [];
    const message = `a pattern is no parser: \`${name}\` (${word}) can say what is forbidden in words that the pattern lets through`;
    return [document.keyProblem(place, message)];
  });
}

const hasPattern = (value: JsonValue | undefined): boolean =>
  isObject(value)
    ? typeof value['pattern'] === 'string' || Object.values(value).some(hasPattern)
    : Array.isArray(value) && value.some(hasPattern);

/** What the server says of an argument. */
const descriptionsOf =
  (lock: LoadedPolicy['profile']['lock'], { contract }: TargetPolicy) =>
  (name: string): string => {
    const schema = lock?.servers
      .get(contract.server)
      ?.definitions.find((one) => one.kind === 'tool' && one.name === contract.name)?.inputSchema;
    const properties = schema?.['properties'];
    const said: JsonObject = isObject(properties) && isObject(properties[name]) ? properties[name] : {};
    return typeof said['description'] === 'string' ? said['description'] : '';
  };

/** A case whose every call a case that denies matches, too: it never decides anything. */
function caseWarnings(
  document: YamlDocument,
  path: Path,
  cases: readonly (Case & { readonly observes?: boolean })[],
): readonly Problem[] {
  return cases.flatMap((one, at) => {
    const above = cases.find(
      (other, place) =>
        other !== one &&
        other.then === 'deny' &&
        other.observes !== true &&
        (one.then !== 'deny' || place < at) &&
        isCovered(one, other),
    );
    const message = `never reached: the case ${above?.id} denies every call that this one is for`;
    return above === undefined ? [] : [document.problem([...path, 'cases', at, 'id'], message)];
  });
}
