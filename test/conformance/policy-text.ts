/** The policy of a gateway before one server of the suite, as people write it. */

export type Era = 'modern' | 'legacy';

/** What the agent may reach. Tools and prompts by name, resources by pattern. */
export interface Reach {
  readonly tools?: readonly string[];
  readonly prompts?: readonly string[];
  readonly resources?: readonly string[];
}

export interface JudgedServer extends Reach {
  readonly url: string;
  readonly era: Era;
}

export function conformancePolicy({ url, era, tools = [], prompts = [], resources = [] }: JudgedServer): string {
  return `version: 1
profile: conformance
who: local
prefix: false
servers:
  judged:
    url: ${url}
    era: ${era}
    asks: { elicitation: [form, url], sampling: { max: 1000, max_tokens: 10000 }, roots: true }
    defaults: { effect: read }
${mapping(
  'tools',
  tools.map((name) => `judged.${name}`),
)}
${list(
  'resources',
  resources.map((uri) => `uri: ${JSON.stringify(uri)}`),
)}
${list(
  'prompts',
  prompts.map((name) => `name: ${name}`),
)}
`;
}

const mapping = (key: string, names: readonly string[]): string =>
  names.length === 0 ? `${key}: {}` : [`${key}:`, ...names.map((name) => `  ${name}: {}`)].join('\n');

const list = (key: string, entries: readonly string[]): string =>
  [`${key}:${entries.length === 0 ? ' []' : ''}`, ...entries.map((entry) => `  - { server: judged, ${entry} }`)].join(
    '\n',
  );
