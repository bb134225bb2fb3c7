/** Loads a policy file: strict, all problems at once, and its own tests passed, or nothing. */

import { inOrder, type Problem, readYaml, type YamlDocument } from '../document/document.ts';
import { notYet, readPart } from '../document/mapping.ts';
import { didYouMean } from '../document/nearest.ts';
import { folderOf, type Lookup, policyFolder, resolveReferences, unknownReference } from '../document/references.ts';
import { addressOf, reachTrouble } from '../document/server-shape.ts';
import type { Source } from '../document/source.ts';
import { type Contract, targetOf } from '../domain/contract.ts';
import { isObject, sha256 } from '../domain/json.ts';
import type { Profile, ServerAddress, Servers, TargetPolicy } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { readBudgets } from './budgets.ts';
import { failureOf } from './inline-tests.ts';
import { compileTool } from './judge.ts';
import { outline, serverShape, type ToolPart, testShape, toolShape } from './policy-shape.ts';

const DEFAULT_TIMEOUT = 60_000;

/** What a tool inherits from its server. */
type Defaults = Pick<ToolPart, 'effect' | 'timeout'>;

interface KnownServer {
  readonly address: ServerAddress | undefined;
  readonly defaults: Defaults;
}

/**
 * The profile that a policy file describes, or every problem in it, in the order of the file. `servers` are those that
 * the deployment defines; the policy may define others, and none of these again.
 */
export function loadPolicy(source: Source & { readonly servers?: Servers }): Result<Profile, readonly Problem[]> {
  const read = readYaml(source.file, source.text);
  if (!read.ok) return read;
  const found: Problem[] = [];
  const document = resolveReferences(read.value, lookupIn(source.file), found);

  const whole = readPart(document, [], document.value, outline, found);
  const servers = readServers(document, source.servers ?? new Map(), folderOf(source.file), found);
  const { tools, complete } = readTools(document, servers, found);
  const charged = complete
    ? new Set([...tools.values()].flatMap((tool) => Object.keys(tool.contract.charges)))
    : undefined;
  const { caps, currency } = readBudgets(document, charged, found);
  tellUnusedServers(document, found);
  runTests(document, tools, found);

  if (whole === undefined || found.length > 0) return refuse(inOrder(found));
  return ok({
    name: whole.profile,
    file: source.file,
    text: source.text,
    digest: sha256(source.text),
    servers: addressesOf(tools, servers),
    tools,
    prompts: new Map(),
    resources: [],
    asks: new Map(),
    prefixed: true,
    caps,
    currency,
  });
}

function lookupIn(file: string): Lookup {
  const folder = folderOf(file);
  return (name, path) => {
    if (name === 'policy.dir') return policyFolder(folder, path);
    if (name.startsWith('env.')) return refuse(`\${${name}} works in gateway.yaml only`);
    return unknownReference(name, `\${policy.dir}`);
  };
}

const entriesOf = (document: YamlDocument, key: string) => {
  const part = document.value[key];
  return isObject(part) ? Object.entries(part) : [];
};

function readServers(
  document: YamlDocument,
  deployed: Servers,
  folder: string,
  found: Problem[],
): ReadonlyMap<string, KnownServer> {
  const known = new Map<string, KnownServer>();
  for (const [name, address] of deployed) known.set(name, { address, defaults: {} });
  for (const [name, part] of entriesOf(document, 'servers')) {
    const path = ['servers', name];
    const server = readPart(document, path, part, serverShape, found);
    const deployedAddress = deployed.get(name);
    const address = server === undefined ? undefined : addressOf(server, folder);
    known.set(name, { address: address ?? deployedAddress, defaults: server?.defaults ?? {} });
    if (server === undefined) continue;
    const trouble = reachTrouble(server);
    if (
      deployedAddress !== undefined &&
      (address !== undefined || server.env !== undefined || server.cwd !== undefined)
    ) {
      found.push(document.keyProblem(path, `the server "${name}" is defined twice: gateway.yaml defines it`));
    } else if (trouble !== undefined && deployedAddress === undefined) {
      found.push(document.keyProblem([...path, ...trouble.path], trouble.message));
    }
  }
  return known;
}

function readTools(document: YamlDocument, servers: ReadonlyMap<string, KnownServer>, found: Problem[]) {
  const tools = new Map<string, TargetPolicy>();
  let complete = true;
  for (const [target, part] of entriesOf(document, 'tools')) {
    const path = ['tools', target];
    const misnamed = misnamedTool(target, servers);
    if (misnamed !== undefined) found.push(document.keyProblem(path, misnamed));
    const tool = readPart(document, path, part, toolShape, found);
    if (tool === undefined || misnamed !== undefined) {
      complete = false;
      continue;
    }
    const contract = contractOf(target, tool, servers);
    const { arguments: rules = {}, cases, approval } = tool;
    tools.set(targetOf(contract), compileTool(contract, { arguments: rules, cases, approval }));
  }
  return { tools, complete };
}

function misnamedTool(target: string, servers: ReadonlyMap<string, KnownServer>): string | undefined {
  if (/[*?{}[\],]/.test(target)) return notYet('a pattern for tools (patterns expand against the lock file)');
  const [, server, tool] = /^([^.]+)\.([A-Za-z0-9_./-]{1,128})$/.exec(target) ?? [];
  if (server === undefined || tool === undefined)
    return `expected the name of a tool as server.tool, found "${target}"`;
  if (servers.has(server)) return undefined;
  const hint = didYouMean(server, servers.keys()) || (servers.size === 0 ? '; "servers" defines none' : '');
  return `there is no server "${server}"${hint}`;
}

function contractOf(target: string, tool: ToolPart, servers: ReadonlyMap<string, KnownServer>): Contract {
  const dot = target.indexOf('.');
  const server = target.slice(0, dot);
  const defaults = servers.get(server)?.defaults ?? {};
  return {
    kind: 'tool',
    server,
    name: target.slice(dot + 1),
    effect: tool.effect ?? defaults.effect ?? 'irreversible',
    can: tool.can,
    cannot: tool.cannot,
    charges: { ...tool.charges, ...(tool.spend === undefined ? {} : { spend: tool.spend.amount }) },
    timeout: tool.timeout ?? defaults.timeout ?? DEFAULT_TIMEOUT,
  };
}

function tellUnusedServers(document: YamlDocument, found: Problem[]): void {
  const used = new Set(entriesOf(document, 'tools').map(([target]) => target.split('.')[0]));
  for (const [name] of entriesOf(document, 'servers')) {
    if (!used.has(name)) found.push(document.keyProblem(['servers', name], `unused: no tool of "${name}" is in tools`));
  }
}

/** The servers that this profile's tools need, and no others. */
function addressesOf(tools: ReadonlyMap<string, TargetPolicy>, servers: ReadonlyMap<string, KnownServer>): Servers {
  const needed = new Map<string, ServerAddress>();
  for (const { contract } of tools.values()) {
    const address = servers.get(contract.server)?.address;
    if (address !== undefined) needed.set(contract.server, address);
  }
  return needed;
}

function runTests(document: YamlDocument, tools: ReadonlyMap<string, TargetPolicy>, found: Problem[]): void {
  const parts = document.value['tests'];
  if (!Array.isArray(parts)) return;
  const listed = new Set(entriesOf(document, 'tools').map(([target]) => target));
  for (const [at, part] of parts.entries()) {
    const test = readPart(document, ['tests', at], part, testShape, found);
    // A tool with problems of its own judges nothing yet.
    if (test === undefined || (listed.has(test.call) && !tools.has(test.call))) continue;
    const failure = failureOf(test, tools);
    if (failure !== undefined) found.push(document.problem(['tests', at, failure.key], failure.message));
  }
}
