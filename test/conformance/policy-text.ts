/** The policy of a gateway before one server of the suite, as people write it. */

export type Era = 'modern' | 'legacy';

/** What the agent may reach. Tools and prompts by name, resources by pattern. */
export interface Reach {
  readonly tools?: readonly string[];
  readonly prompts?: readonly string[];
  readonly resources?: readonly string[];
}

export interface JudgedServer extends Reach {
  /** Undefined where the deployment says it. */
  readonly url: string | undefined;
  readonly era: Era;
}

export function conformancePolicy({ url, era, tools = [], prompts = [], resources = [] }: JudgedServer): string {
  return `version: 1
profile: conformance
who: local
prefix: false
servers:
  judged:
${url === undefined ? '' : `    url: ${url}\n    era: ${era}\n`}    asks: { elicitation: [form, url], sampling: { max: 1000, max_tokens: 10000 }, roots: true }
    defaults: { effect: read }
${[...toolLines(tools), ...listLines('resources', 'uri', resources), ...listLines('prompts', 'name', prompts)].join('\n')}
`;
}

const toolLines = (names: readonly string[]): readonly string[] =>
  names.length === 0 ? ['tools: {}'] : ['tools:', ...names.map((name) => `  judged.${name}: {}`)];

const listLines = (key: string, member: string, entries: readonly string[]): readonly string[] =>
  entries.length === 0
    ? []
    : [`${key}:`, ...entries.map((entry) => `  - { server: judged, ${member}: ${JSON.stringify(entry)} }`)];
