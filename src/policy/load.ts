/** Loads a policy file: strict, all problems at once, and its own tests passed, or nothing. */

import { inOrder, type Problem, readYaml, type YamlDocument } from '../document/document.ts';
import { itemsOf, membersOf, readPart } from '../document/mapping.ts';
import {
  folderOf,
  type Lookup,
  policyFolder,
  resolveReferences,
  sessionFolder,
  unknownReference,
} from '../document/references.ts';
import type { Source } from '../document/source.ts';
import type { Asks } from '../domain/abilities.ts';
import { sha256 } from '../domain/json.ts';
import type { Lock } from '../domain/lock.ts';
import type { Profile, ServerAddress, Servers, TargetPolicy } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { readBudgets } from './budgets.ts';
import { failureOf } from './inline-tests.ts';
import { outline, testShape } from './policy-shape.ts';
import { type KnownServers, readServers } from './servers.ts';
import { readTargets, serversNamed } from './targets.ts';

/**
 * The profile that a policy file describes, or every problem in it, in the order of the file. `servers` are those that
 * the deployment defines; the policy may define others, and none of these again. `lock`: what was
 * pinned of its servers.
 */
export function loadPolicy(
  source: Source & { readonly servers?: Servers; readonly lock?: Lock | undefined },
): Result<Profile, readonly Problem[]> {
  const read = readYaml(source.file, source.text);
  if (!read.ok) return read;
  const found: Problem[] = [];
  const document = resolveReferences(read.value, lookupIn(source.file), found);

  const whole = readPart(document, [], document.value, outline, found);
  const servers = readServers(document, source.servers ?? new Map(), folderOf(source.file), found);
  const { tools, resources, prompts, complete } = readTargets(document, servers, found);
  const targets = [...tools.values(), ...resources, ...prompts.values()];
  const charged = complete ? new Set(targets.flatMap(({ contract }) => Object.keys(contract.charges))) : undefined;
  const { caps, currency } = readBudgets(document, charged, found);
  const named = serversNamed(document);
  tellUnusedServers(document, named, found);
  if (whole?.prefix === false) tellAmbiguousNames(document, named, servers, found);
  runTests(document, tools, found);

  if (whole === undefined || found.length > 0) return refuse(inOrder(found));
  return ok({
    name: whole.profile,
    file: source.file,
    text: source.text,
    digest: sha256(source.text),
    lock: source.lock,
    mode: 'enforce',
    flows: [],
    recorders: new Map(),
    answersGo: new Map(),
    ...usedOf(targets, servers),
    tools,
    prompts,
    resources,
    prefixed: whole.prefix ?? true,
    caps,
    currency,
  });
}

function lookupIn(file: string): Lookup {
  const folder = folderOf(file);
  return (name, path, text) => {
    if (name === 'policy.dir') return policyFolder(folder, path, text);
    if (name === 'session.dir' && path[0] === 'servers') return sessionFolder(path, text);
    if (name.startsWith('env.')) return refuse(`\${${name}} works in gateway.yaml only`);
    return unknownReference(name, `\${policy.dir}`);
  };
}

function tellUnusedServers(document: YamlDocument, named: ReadonlySet<string>, found: Problem[]): void {
  for (const [name] of membersOf(document, 'servers')) {
    if (named.has(name)) continue;
    found.push(document.keyProblem(['servers', name], `unused: no tool, resource or prompt of "${name}" is listed`));
  }
}

/** Without the server's name in front, two servers could mean two things by one name. */
function tellAmbiguousNames(
  document: YamlDocument,
  named: ReadonlySet<string>,
  servers: KnownServers,
  found: Problem[],
): void {
  const used = [...named].filter((name) => servers.has(name));
  if (used.length === 1 || (used.length === 0 && named.size > 0)) return;
  const uses = used.length === 0 ? 'none' : used.join(', ');
  const message = `"prefix: false" works where one server is used; here it is ${uses}: take it out, or make a profile for each server`;
  found.push(document.keyProblem(['prefix'], message));
}

/** The servers that this profile needs, and no others, and what each may ask. */
function usedOf(targets: readonly TargetPolicy[], known: KnownServers) {
  const servers = new Map<string, ServerAddress>();
  const asks = new Map<string, Asks>();
  for (const { contract } of targets) {
    const server = known.get(contract.server);
    if (server?.address !== undefined) servers.set(contract.server, server.address);
    if (server?.asks !== undefined) asks.set(contract.server, server.asks);
  }
  return { servers, asks };
}

function runTests(document: YamlDocument, tools: ReadonlyMap<string, TargetPolicy>, found: Problem[]): void {
  const listed = new Set(membersOf(document, 'tools').map(([target]) => target));
  for (const [at, part] of itemsOf(document, 'tests').entries()) {
    const test = readPart(document, ['tests', at], part, testShape, found);
    // A tool with problems of its own judges nothing yet.
    if (test === undefined || (listed.has(test.call) && !tools.has(test.call))) continue;
    const failure = failureOf(test, tools);
    if (failure !== undefined) found.push(document.problem(['tests', at, failure.key], failure.message));
  }
}
