/** The `tools`, `resources` and `prompts` parts of a policy: the allow-list, compiled. */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { itemsOf, membersOf, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { type Contract, type Effect, targetOf } from '../../domain/contract.ts';
import { isObject } from '../../domain/json.ts';
import type { ResourcePolicy, TargetPolicy } from '../../domain/policy.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { HistoryRule } from '../history/history.ts';
import { readHistory, tellUnknownEarlier } from '../history/read-history.ts';
import { compileRules } from '../judge/judge.ts';
import { declaredBy } from '../schema/schema-walk.ts';
import { type Showing, tellUnshowable } from '../shows/tell-unshowable.ts';
import type { UriPattern } from '../uris/uri-pattern.ts';
import { OWN_OUTPUT } from './additions.ts';
import { contractOf, rulesOf, type Setting, tellStrangers } from './contracts.ts';
import { expansionsOf } from './listed.ts';
import { isPattern } from './patterns.ts';
import type { KnownServers } from './servers.ts';
import { promptShape, resourceShape, type TargetPart, type ToolPart, toolShape } from './target-shape.ts';

interface Targets {
  /** The tools that the file lists, whether what it says of them is valid or not. */
  readonly listed: ReadonlySet<string>;
  readonly tools: ReadonlyMap<string, TargetPolicy>;
  readonly resources: readonly ResourcePolicy[];
  readonly prompts: ReadonlyMap<string, TargetPolicy>;
  /** The rules over earlier calls of all of them. */
  readonly history: readonly HistoryRule[];
  /** Whether nothing was left out for problems of its own. */
  readonly complete: boolean;
}

/** Everything that the policy lets agents reach. */
export function readTargets(document: YamlDocument, setting: Setting, found: Problem[]): Targets {
  const before = found.length;
  const { listed, tools, history } = readTools(document, setting, found);
  tellUnknownEarlier(document, new Set([...tools.keys(), ...listed]), found);
  const resources = readResources(document, setting, found);
  const prompts = readPrompts(document, setting, found);
  return { listed, tools, resources, prompts, history, complete: found.length === before };
}

/** The servers that something in the file names, whether it is valid or not. */
export function serversNamed(document: YamlDocument): ReadonlySet<string> {
  const listed = [...itemsOf(document, 'resources'), ...itemsOf(document, 'prompts')].flatMap((item) => {
    const server = isObject(item) ? item['server'] : undefined;
    return typeof server === 'string' ? [server] : [];
  });
  return new Set([...membersOf(document, 'tools').map(([target]) => target.split('.')[0] ?? ''), ...listed]);
}

type Tools = Pick<Targets, 'listed' | 'tools' | 'history'>;

function readTools(document: YamlDocument, setting: Setting, found: Problem[]): Tools {
  const [listed, tools] = [new Set<string>(), new Map<string, TargetPolicy>()];
  const history: HistoryRule[] = [];
  const showing: Showing[] = [];
  const entries = membersOf(document, 'tools').flatMap(([key, part]) => {
    const tool = readPart(document, ['tools', key], part, toolShape, found);
    const named = namedTool(key, setting.servers);
    if (!named.ok) {
      listed.add(key);
      found.push(document.keyProblem(['tools', key], named.error));
    }
    return named.ok ? [{ ...named.value, path: ['tools', key], tool }] : [];
  });
  const expansions = expansionsOf(entries, 'tool', setting.lock, setting.file);
  const hidden = new Set(
    entries.flatMap(({ server, tool }, at) =>
      tool?.visible === false ? (expansions[at]?.names ?? []).map((name) => `${server}.${name}`) : [],
    ),
  );
  for (const [at, { server, path, tool }] of entries.entries()) {
    const { names, problems } = expansions[at] ?? { names: [], problems: [] };
    for (const problem of problems) found.push(document.keyProblem(path, problem));
    for (const name of names) listed.add(`${server}.${name}`);
    if (tool === undefined) continue;
    tellStrangers(document, path, tool, setting, found);
    const compiled = names.map((name, nth) => {
      const identity = toolIdentity({ server, name }, tool, setting);
      const effects = [identity.effect, ...(tool.cases ?? []).map((one) => one.effect ?? identity.effect)];
      // The tools of a pattern have the same problems: they are told once.
      const stood = { document, path, target: targetOf(identity), effects, hidden };
      const own = readHistory(stood, tool, nth === 0 ? found : []);
      history.push(...own);
      return compileTool(identity, own, withTaken(tool, identity, setting), setting);
    });
    for (const one of compiled.slice(0, 1)) tellTrials(document, path, tool, one.contract.effect, found);
    if (tool.output !== undefined) tellOwnOutputs(document, path, names, server, setting, found);
    for (const one of compiled) tools.set(targetOf(one.contract), one);
    if (tool.shows !== undefined) showing.push({ path, by: tool.shows.tool, tools: compiled });
  }
  tellUnshowable(document, showing, tools, listed, found);
  return { listed, tools, history };
}

function toolIdentity({ server, name }: Pick<Contract, 'server' | 'name'>, tool: ToolPart, { servers }: Setting) {
  const { can, cannot, visible = true } = tool;
  const effect = tool.effect ?? servers.get(server)?.defaults.effect ?? 'irreversible';
  return { kind: 'tool', server, name, effect, can, cannot, visible } as const;
}

/**
 * Without the rules on arguments that this tool does not take, where the lock says so: of the tools of a pattern not each takes
 * every argument, and one that a tool does not take is refused in any case. That none takes it is told elsewhere.
 */
function withTaken(tool: ToolPart, { server, name }: Pick<Contract, 'server' | 'name'>, { lock }: Setting): ToolPart {
  const definitions = lock?.servers.get(server)?.definitions ?? [];
  const definition = definitions.find((one) => one.kind === 'tool' && one.name === name);
  if (definition === undefined || tool.arguments === undefined) return tool;
  const declared = declaredBy(definition.inputSchema);
  if (declared.open || declared.patterns.length > 0) return tool;
  const taken = Object.entries(tool.arguments).filter(([argument]) => declared.names.has(argument));
  return { ...tool, arguments: Object.fromEntries(taken) };
}

function compileTool(
  identity: ReturnType<typeof toolIdentity>,
  history: readonly HistoryRule[],
  tool: ToolPart,
  setting: Setting,
): TargetPolicy {
  const { arguments: rules = {}, cases, approval, output, shows } = tool;
  const said = {
    arguments: rules,
    cases,
    approval,
    history,
    output: output && ({ schema: output.schema, from: output.from ?? 'structured' } as const),
    shows,
  };
  const contract = contractOf(identity, said, tool, setting);
  return compileRules(contract, rulesOf(contract, said, setting));
}

/** A case on trial lets through what it would refuse: not what cannot be undone. */
function tellTrials(document: YamlDocument, path: Path, tool: ToolPart, effect: Effect, found: Problem[]): void {
  for (const [at, one] of (tool.cases ?? []).entries()) {
    if (!one.observes || (one.effect ?? effect) !== 'irreversible') continue;
    const message = 'what cannot be undone is not tried out: take "mode: observe" out, or say the effect of this case';
    found.push(document.problem([...path, 'cases', at, 'mode'], message));
  }
}

function tellOwnOutputs(
  document: YamlDocument,
  path: Path,
  names: readonly string[],
  server: string,
  { lock }: Setting,
  found: Problem[],
): void {
  const definitions = lock?.servers.get(server)?.definitions ?? [];
  const own = definitions.find(
    (one) => one.kind === 'tool' && names.includes(one.name) && one.outputSchema !== undefined,
  );
  if (own !== undefined) found.push(document.keyProblem([...path, 'output'], `${server}.${own.name}: ${OWN_OUTPUT}`));
}

function readResources(document: YamlDocument, setting: Setting, found: Problem[]): readonly ResourcePolicy[] {
  const resources: ResourcePolicy[] = [];
  const above: Listed[] = [];
  for (const [at, part] of itemsOf(document, 'resources').entries()) {
    const path = ['resources', at];
    const resource = readPart(document, path, part, resourceShape, found);
    tellUnknownServer(document, path, part, setting.servers, found);
    if (resource?.uri === undefined) continue;
    tellStrangers(document, path, resource, setting, found);
    const { server, uri: pattern } = resource;
    const wider = above.find((one) => one.server === server && one.pattern.includes(pattern));
    if (wider !== undefined) found.push(document.problem([...path, 'uri'], shadowedWords(wider.pattern, pattern)));
    above.push({ server, pattern });
    const { matches, covers } = pattern;
    resources.push({ ...compileRead('resource', server, pattern.text, resource, setting), matches, covers });
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

function readPrompts(document: YamlDocument, setting: Setting, found: Problem[]): ReadonlyMap<string, TargetPolicy> {
  const prompts = new Map<string, TargetPolicy>();
  const entries = itemsOf(document, 'prompts').flatMap((part, at) => {
    const path = ['prompts', at];
    const prompt = readPart(document, path, part, promptShape, found);
    tellUnknownServer(document, path, part, setting.servers, found);
    return prompt !== undefined && setting.servers.has(prompt.server) ? [{ ...prompt, path }] : [];
  });
  const expansions = expansionsOf(entries, 'prompt', setting.lock, setting.file);
  for (const [at, prompt] of entries.entries()) {
    const { server, path } = prompt;
    const { names, problems } = expansions[at] ?? { names: [], problems: [] };
    for (const problem of problems) found.push(document.problem([...path, 'name'], problem));
    tellStrangers(document, path, prompt, setting, found);
    for (const name of names) {
      const target = `${server}.${name}`;
      if (prompts.has(target) && !isPattern(prompt.name))
        found.push(document.problem([...path, 'name'], `the prompt ${target} is listed twice`));
      prompts.set(target, compileRead('prompt', server, name, prompt, setting));
    }
  }
  return prompts;
}

/** The server and the tool, or the pattern of tools, that a key names. */
function namedTool(key: string, servers: KnownServers): Result<Pick<Contract, 'server' | 'name'>, string> {
  const [, server, name] = /^([^.]+)\.(.+)$/s.exec(key) ?? [];
  const isNamed = server !== undefined && name !== undefined && !isPattern(server);
  if (!isNamed || (!isPattern(name) && !/^[A-Za-z0-9_./-]{1,128}$/.test(name)))
    return refuse(`expected the name of a tool as server.tool, found "${key}"`);
  const unknown = unknownServer(server, servers);
  return unknown === undefined ? ok({ server, name }) : refuse(unknown);
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
  setting: Setting,
): TargetPolicy {
  const identity = { kind, server, name, effect: 'read', can: undefined, cannot: undefined, visible: true } as const;
  const said = { approval: part.approval };
  const contract = contractOf(identity, said, part, setting);
  return compileRules(contract, rulesOf(contract, said, setting));
}
