/** The `tools`, `resources` and `prompts` parts of a policy: the allow-list, compiled. */
import type { Path, Problem, YamlDocument } from '../document/document.ts';
import { itemsOf, membersOf, notYet, readPart } from '../document/mapping.ts';
import { didYouMean } from '../document/nearest.ts';
import type { Contract } from '../domain/contract.ts';
import { isObject } from '../domain/json.ts';
import { WORST_LABELS } from '../domain/label.ts';
import type { ResourcePolicy, TargetPolicy } from '../domain/policy.ts';
import type { HistoryRule } from './history.ts';
import { compileRules } from './judge.ts';
import { readHistory, tellUnknownEarlier } from './read-history.ts';
import { NO_RULES } from './rules.ts';
import type { KnownServers } from './servers.ts';
import { promptShape, resourceShape, type TargetPart, toolShape } from './target-shape.ts';
import type { UriPattern } from './uri-pattern.ts';

const DEFAULT_TIMEOUT = 60_000;

interface Targets {
  readonly tools: ReadonlyMap<string, TargetPolicy>;
  readonly resources: readonly ResourcePolicy[];
  readonly prompts: ReadonlyMap<string, TargetPolicy>;
  /** The rules over earlier calls of all of them. */
  readonly history: readonly HistoryRule[];
  /** Whether nothing was left out for problems of its own. */
  readonly complete: boolean;
}

/** Everything that the policy lets agents reach. */
export function readTargets(document: YamlDocument, servers: KnownServers, found: Problem[]): Targets {
  const before = found.length;
  const history: HistoryRule[] = [];
  const tools = readTools(document, servers, history, found);
  tellUnknownEarlier(document, new Set([...tools.keys(), ...membersOf(document, 'tools').map(([key]) => key)]), found);
  const resources = readResources(document, servers, found);
  const prompts = readPrompts(document, servers, found);
  return { tools, resources, prompts, history, complete: found.length === before };
}

/** The servers that something in the file names, whether it is valid or not. */
export function serversNamed(document: YamlDocument): ReadonlySet<string> {
  const listed = [...itemsOf(document, 'resources'), ...itemsOf(document, 'prompts')].flatMap((item) => {
    const server = isObject(item) ? item['server'] : undefined;
    return typeof server === 'string' ? [server] : [];
  });
  return new Set([...membersOf(document, 'tools').map(([target]) => target.split('.')[0] ?? ''), ...listed]);
}

function readTools(
  document: YamlDocument,
  servers: KnownServers,
  history: HistoryRule[],
  found: Problem[],
): ReadonlyMap<string, TargetPolicy> {
  const tools = new Map<string, TargetPolicy>();
  for (const [target, part] of membersOf(document, 'tools')) {
    const path = ['tools', target];
    const misnamed = misnamedTool(target, servers);
    if (misnamed !== undefined) found.push(document.keyProblem(path, misnamed));
    const tool = readPart(document, path, part, toolShape, found);
    if (tool === undefined || misnamed !== undefined) continue;
    const dot = target.indexOf('.');
    const [server, name] = [target.slice(0, dot), target.slice(dot + 1)];
    const effect = tool.effect ?? servers.get(server)?.defaults.effect ?? 'irreversible';
    const { can, cannot, arguments: rules = {}, cases, approval } = tool;
    const contract = contractOf({ kind: 'tool', server, name, effect, can, cannot }, tool, servers);
    const own = readHistory({ document, path, target, effects: [effect] }, tool, found);
    history.push(...own);
    tools.set(target, compileRules(contract, { ...NO_RULES, arguments: rules, cases, approval, history: own }));
  }
  return tools;
}

function readResources(document: YamlDocument, servers: KnownServers, found: Problem[]): readonly ResourcePolicy[] {
  const resources: ResourcePolicy[] = [];
  const above: Listed[] = [];
  for (const [at, part] of itemsOf(document, 'resources').entries()) {
    const path = ['resources', at];
    const resource = readPart(document, path, part, resourceShape, found);
    tellUnknownServer(document, path, part, servers, found);
    if (resource?.uri === undefined) continue;
    const { server, uri: pattern } = resource;
    const wider = above.find((one) => one.server === server && one.pattern.includes(pattern));
    if (wider !== undefined) found.push(document.problem([...path, 'uri'], shadowedWords(wider.pattern, pattern)));
    above.push({ server, pattern });
    const { matches, covers } = pattern;
    resources.push({ ...compileRead('resource', server, pattern.text, resource, servers), matches, covers });
  }
  return resources;
}

interface Listed {
  readonly server: string;
  readonly pattern: UriPattern;
}

/** Of one server's entries the first that matches judges. */
const shadowedWords = (above: UriPattern, below: UriPattern): string =>
  above.text === below.text
    ? 'these resources are listed twice'
    : `unused: ${above.text} above matches all that this does, and the first that matches judges; put this one before it`;

function readPrompts(
  document: YamlDocument,
  servers: KnownServers,
  found: Problem[],
): ReadonlyMap<string, TargetPolicy> {
  const prompts = new Map<string, TargetPolicy>();
  for (const [at, part] of itemsOf(document, 'prompts').entries()) {
    const path = ['prompts', at];
    const prompt = readPart(document, path, part, promptShape, found);
    tellUnknownServer(document, path, part, servers, found);
    if (prompt === undefined) continue;
    const target = `${prompt.server}.${prompt.name}`;
    if (prompts.has(target)) found.push(document.problem([...path, 'name'], `the prompt ${target} is listed twice`));
    prompts.set(target, compileRead('prompt', prompt.server, prompt.name, prompt, servers));
  }
  return prompts;
}

function misnamedTool(target: string, servers: KnownServers): string | undefined {
  if (/[*?{}[\],]/.test(target)) return notYet('a pattern for tools (patterns expand against the lock file)');
  const [, server, tool] = /^([^.]+)\.([A-Za-z0-9_./-]{1,128})$/.exec(target) ?? [];
  if (server === undefined || tool === undefined)
    return `expected the name of a tool as server.tool, found "${target}"`;
  return unknownServer(server, servers);
}

function tellUnknownServer(
  document: YamlDocument,
  path: Path,
  part: unknown,
  servers: KnownServers,
  found: Problem[],
): void {
  const server = isObject(part) ? part['server'] : undefined;
  const unknown = typeof server === 'string' && server !== '' ? unknownServer(server, servers) : undefined;
  if (unknown !== undefined) found.push(document.problem([...path, 'server'], unknown));
}

function unknownServer(server: string, servers: KnownServers): string | undefined {
  if (servers.has(server)) return undefined;
  const hint = didYouMean(server, servers.keys()) || (servers.size === 0 ? '; "servers" defines none' : '');
  return `there is no server "${server}"${hint}`;
}

/** A prompt or resources: whoever asks for them only reads. */
function compileRead(
  kind: 'prompt' | 'resource',
  server: string,
  name: string,
  part: TargetPart,
  servers: KnownServers,
): TargetPolicy {
  const identity = { kind, server, name, effect: 'read', can: undefined, cannot: undefined } as const;
  return compileRules(contractOf(identity, part, servers), { ...NO_RULES, approval: part.approval });
}

const contractOf = (
  identity: Omit<Contract, 'charges' | 'timeout' | 'spendClass' | 'labels' | 'sendsTo' | 'visible'>,
  { charges, spend, timeout }: TargetPart,
  servers: KnownServers,
): Contract => ({
  ...identity,
  charges: { ...charges, ...(spend === undefined ? {} : { spend: spend.amount }) },
  spendClass: undefined,
  labels: WORST_LABELS,
  sendsTo: 'external',
  visible: true,
  timeout: timeout ?? servers.get(identity.server)?.defaults.timeout ?? DEFAULT_TIMEOUT,
});
