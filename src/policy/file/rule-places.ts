/** Where in a policy's file the rule stands that a verdict names, and which key of `tools` a tool is for. */
import type { Path, YamlDocument } from '../../document/document.ts';
import { itemsOf, membersOf } from '../../document/mapping.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Lock } from '../../domain/lock.ts';
import { serverOfRule } from '../../domain/production.ts';
import { expanded, isPattern } from './patterns.ts';

/** The key of `tools` that a tool is for: its own name, or the pattern that matches it in the lock. */
export function keyOfTool(document: YamlDocument, lock: Lock | undefined, target: string): string | undefined {
  const keys = membersOf(document, 'tools').map(([key]) => key);
  if (keys.includes(target)) return target;
  const [server = ''] = target.split('.', 1);
  const names = (lock?.servers.get(server)?.definitions ?? []).flatMap((one) => (one.kind === 'tool' ? one.name : []));
  return keys.find((key) => {
    const pattern = key.slice(server.length + 1);
    if (!key.startsWith(`${server}.`) || !isPattern(pattern)) return false;
    const matched = expanded(pattern, names);
    return matched.ok && matched.value.includes(target.slice(server.length + 1));
  });
}

/** `file:line` of a rule of `target`, as verdicts name it; undefined for what no file says. */
export function placeOfRule(
  document: YamlDocument,
  lock: Lock | undefined,
  target: string,
  rule: string,
): string | undefined {
  const path = pathOfRule(document, lock, target, rule);
  if (path === undefined) return undefined;
  const { file, line } = document.keyProblem(path, '');
  return `${file}:${line}`;
}

function pathOfRule(document: YamlDocument, lock: Lock | undefined, target: string, rule: string): Path | undefined {
  if (rule.startsWith('flows.')) return ['flows', indexOf(itemsOf(document, 'flows'), 'id', rule.slice(6))];
  if (rule.startsWith('budgets.')) return rule.split('.');
  if (serverOfRule(rule) !== undefined) return saidIn(document, rule.split('.'));
  if (['tools', 'prompts', 'resources'].includes(rule)) return document.value[rule] === undefined ? undefined : [rule];
  const listed = pathOfTarget(document, lock, target);
  if (listed === undefined || rule === target || !rule.startsWith(`${target}.`)) return listed;
  const [part = '', ...rest] = rule.slice(target.length + 1).split('.');
  if (part === 'cases' && rest.length > 0) {
    const [, key = ''] = listed;
    const tool = document.value['tools'];
    const said = isObject(tool) ? tool[String(key)] : undefined;
    const cases = isObject(said) && Array.isArray(said['cases']) ? (said['cases'] as readonly JsonValue[]) : [];
    return [...listed, 'cases', indexOf(cases, 'id', rest.join('.'))];
  }
  // An argument's name may have dots in it.
  return part === 'arguments' ? [...listed, part, rest.join('.')] : [...listed, part, ...rest];
}

/** Of a server that the deployment defines the policy says nothing. */
function saidIn({ value }: YamlDocument, path: readonly string[]): Path | undefined {
  const said = path.reduce<JsonValue | undefined>((at, key) => (isObject(at) ? at[key] : undefined), value);
  return said === undefined ? undefined : path;
}

function pathOfTarget(document: YamlDocument, lock: Lock | undefined, target: string): Path | undefined {
  const [kind, ...words] = target.split(' ');
  if (kind === 'prompt' || kind === 'resource') {
    const items = itemsOf(document, `${kind}s`);
    const [server = '', name = ''] = kind === 'prompt' ? partsOf(words.join(' ')) : words;
    const own = items.findIndex(
      (one) => isObject(one) && one['server'] === server && (kind === 'resource' || one['name'] === name),
    );
    return own < 0 ? undefined : [`${kind}s`, own];
  }
  const key = keyOfTool(document, lock, target);
  return key === undefined ? undefined : ['tools', key];
}

function partsOf(name: string): readonly [string, string] {
  const dot = name.indexOf('.');
  return [name.slice(0, dot), name.slice(dot + 1)];
}

const indexOf = (items: readonly JsonValue[], key: string, value: string): number =>
  items.findIndex((one) => isObject(one) && (one as JsonObject)[key] === value);
