/** A learned policy as a file that a person goes on with: strict YAML, with comments that say what each rule rests on. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Learned, LearnedTool } from './parts.ts';

export function fileText(learned: Learned, tests: readonly JsonObject[], leftOut: readonly string[]): string {
  const { name, who, sessions, file, prefixed, servers, tools, resources, prompts, flows, budgets, reasons } = learned;
  const calls = tools.reduce((sum, tool) => sum + tool.calls.length, 0);
  const lines = [
    `# Learned from ${plural(sessions.length, 'session')} (${sessions.join(', ')}), ${plural(calls, 'call')} of tools, to be edited: it allows what was`,
    '# seen, not what is right. Values of real calls stand in it.',
    ...(JSON.stringify(servers).includes('{policy.dir}')
      ? [`# Keep it in the folder of ${file}: that is what \${policy.dir} is.`]
      : []),
    'version: 1',
    `profile: ${name}`,
    `who: ${flow(who)}`,
    ...(prefixed ? [] : ['prefix: false']),
    ...mapOf('servers', Object.entries(servers)),
    ...(tools.length === 0 ? ['', 'tools: {}'] : ['', 'tools:', ...tools.flatMap(toolLines)]),
    ...listOf('resources', resources),
    ...listOf('prompts', prompts),
    ...listOf('flows', flows),
    '',
    'budgets: # what one session used at most, rounded up',
    ...Object.entries(budgets).map(([key, part]) => `  ${key}: ${flow(part ?? {})}`),
    ...(reasons.length === 0 ? [] : ['', `session: { require_reason: ${flow(reasons)} }`]),
    ...listOf('tests', tests),
    ...(leftOut.length === 0
      ? []
      : ['', '# Left out: these ran because nothing was enforced, and would have been denied.']),
    ...leftOut.map((line) => `#   ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const mapOf = (key: string, members: readonly (readonly [string, JsonValue | undefined])[]): readonly string[] =>
  members.length === 0
    ? []
    : ['', `${key}:`, ...members.map(([name, value]) => `  ${keyText(name)}: ${flow(value ?? null)}`)];

const listOf = (key: string, items: readonly JsonValue[]): readonly string[] =>
  items.length === 0 ? [] : ['', `${key}:`, ...items.map((item) => `  - ${flow(item)}`)];

function toolLines({ target, calls, part, inferred }: LearnedTool): readonly string[] {
  const sessions = new Set(calls.map(({ session }) => session)).size;
  const lines = [`  ${keyText(target)}: # ${plural(calls.length, 'call')} in ${plural(sessions, 'session')}`];
  for (const [key, value] of Object.entries(part)) {
    if (value === undefined) continue;
    if (key !== 'arguments' || !isObject(value)) {
      lines.push(`    ${key}: ${flow(value)}`);
      continue;
    }
    lines.push('    arguments:');
    for (const [name, rule] of Object.entries(value)) {
      const because = inferred.get(name)?.because;
      lines.push(`      ${keyText(name)}: ${flow(rule ?? null)}${because === undefined ? '' : ` # ${because}`}`);
    }
  }
  return lines;
}

/** In YAML's flow style, words bare where they can mean nothing else. */
export function flow(value: JsonValue): string {
  if (typeof value === 'string') return isBare(value) ? value : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${keyText(key)}: ${flow(member)}`],
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const keyText = (key: string): string => (isBare(key) ? key : JSON.stringify(key));

/** A word that YAML reads as this text in every place: it begins with a letter and is none of its constants. */
const isBare = (text: string): boolean =>
  /^[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text);
