/** Small policies for tests: the parts that a test does not speak of are filled in. */

import { type Problem, problemText } from '../../src/document/document.ts';
import type { Definition } from '../../src/domain/contract.ts';
import { canonical, type JsonObject } from '../../src/domain/json.ts';
import type { Lock } from '../../src/domain/lock.ts';
import type { Circumstances, Profile, Servers, TargetPolicy } from '../../src/domain/policy.ts';
import { loadPolicy } from '../../src/policy/file/load.ts';

export const HEAD = `version: 1
profile: demo
who: local
`;
export const SERVERS = 'servers: { crm: { command: [node, crm.js] } }\n';
/** How a lock says that. */
const REACHED = canonical({ command: ['node', 'crm.js'] });

/** A policy that says this (YAML in flow style) of its only tool, at line 5, column 19. */
export const saidOfTool = (rules: string): string => `${HEAD}${SERVERS}tools: { crm.act: ${rules} }\n`;

/** A policy that says this of its only server, at line 4, column 17. */
export const saidOfServer = (keys: string): string => `${HEAD}servers: { crm: ${keys} }\ntools: { crm.act: {} }\n`;

/** How a key is refused that the design has and nothing enforces yet. */
export const later = (what: string): string => `not yet: ${what} comes later and has no effect in this version`;

/** A reference as files write it. */
export const ref = (name: string): string => `$\{${name}}`;

/** The problems of a policy without their file name: `line:column: message`. */
export function problemsIn(text: string, servers?: Servers, lock?: Lock): readonly string[] {
  const loaded = loadPolicy({ file: 'p.yaml', text, lock, ...(servers === undefined ? {} : { servers }) });
  return loaded.ok ? [] : loaded.error.map((problem: Problem) => problemText(problem).replace(/^p\.yaml:/, ''));
}

export function profileOf(text: string, servers?: Servers, lock?: Lock): Profile {
  const loaded = loadPolicy({ file: 'p.yaml', text, lock, ...(servers === undefined ? {} : { servers }) });
  if (!loaded.ok) throw new Error(loaded.error.map(problemText).join('\n'));
  return loaded.value;
}

/** The tool `crm.act` of a policy that says this (YAML in flow style) of it. */
export function toolOf(rules: string): TargetPolicy {
  const tool = profileOf(saidOfTool(rules)).tools.get('crm.act');
  if (tool === undefined) throw new Error('crm.act was not loaded');
  return tool;
}

/** A session that has touched nothing. */
export const PLAIN: Circumstances = { labels: [], dir: '/' };

/** `allow`, `hold` or `deny`, as the agent will meet it. */
export function verdictOf(tool: TargetPolicy, given: JsonObject): 'allow' | 'hold' | 'deny' {
  const judgement = tool.judge(given, PLAIN);
  return judgement.verdict === 'allow' && judgement.needs.length > 0 ? 'hold' : judgement.verdict;
}

let pins = 0;

/** A tool as its server describes it; each with a pin of its own. */
export function definitionOf(inputSchema: JsonObject, rest: JsonObject = {}): Definition {
  pins += 1;
  const { description, outputSchema } = rest;
  return {
    kind: 'tool',
    server: 'crm',
    name: 'act',
    description: typeof description === 'string' ? description : undefined,
    inputSchema,
    outputSchema: outputSchema as JsonObject | undefined,
    raw: { name: 'act', inputSchema, ...rest },
    pin: `sha256:test-${pins}`,
  };
}

/** A lock of the server `crm`, with these tools and prompts. */
export function lockOf(tools: readonly string[], prompts: readonly string[] = [], rest: JsonObject = {}): Lock {
  const pinned =
    (kind: Definition['kind']) =>
    (name: string): Definition => ({
      ...definitionOf({ type: 'object' }, rest),
      kind,
      name,
    });
  const definitions = [...tools.map(pinned('tool')), ...prompts.map(pinned('prompt'))];
  const crm = { instructions: undefined, definitions, templates: [], pages: new Map(), reached: REACHED };
  return { file: 'p.lock.json', text: '', digest: '', servers: new Map([['crm', crm]]) };
}
