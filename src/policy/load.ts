/** Loads a policy file: strict, all problems at once, and its own tests passed, or nothing. */

import { fileAt, inOrder, type Problem, readYaml, type YamlDocument } from '../document/document.ts';
import { itemsOf, membersOf, readPart } from '../document/mapping.ts';
import { folderOf, type Lookup, policyFolder, resolveReferences, unknownReference } from '../document/references.ts';
import type { Source } from '../document/source.ts';
import type { Asks } from '../domain/abilities.ts';
import { sha256 } from '../domain/json.ts';
import type { Lock } from '../domain/lock.ts';
import type { Profile, ServerAddress, Servers, TargetPolicy } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { readBudgets } from './budgets.ts';
import { layOver } from './include.ts';
import { failureOf } from './inline-tests.ts';
import { outline, testShape } from './policy-shape.ts';
import { type KnownServers, readServers } from './servers.ts';
import { readTargets, serversNamed } from './targets.ts';
import { wideningText } from './widening/widening.ts';
import { widenings } from './widening/widenings.ts';

/** A policy's text, with what it is read with. */
export interface PolicySource extends Source {
  /** What it includes, the nearest first. */
  readonly bases?: readonly Source[];
  /** Those that the deployment defines; a policy may define others, and none of these again. */
  readonly servers?: Servers;
  /** What was pinned of its servers. */
  readonly lock?: Lock | undefined;
}

/** The profile that a policy file describes, or every problem in it, in the order of the file. */
export function loadPolicy(source: PolicySource): Result<Profile, readonly Problem[]> {
  const loaded = loadLayers(source);
  return loaded.ok ? ok(loaded.value.profile) : loaded;
}

interface Loaded {
  /** As it is written, with all that it includes. */
  readonly document: YamlDocument;
  readonly profile: Profile;
}

function loadLayers(source: PolicySource): Result<Loaded, readonly Problem[]> {
  const over = readYaml(source.file, source.text);
  if (!over.ok) return over;
  const [nearest, ...bases] = source.bases ?? [];
  if (nearest === undefined) return compile(over.value, source);
  const base = loadLayers({ ...source, ...nearest, bases });
  if (!base.ok) return base;
  const loaded = compile(layOver(base.value.document, over.value), source);
  if (!loaded.ok) return loaded;
  const wider = widenings(base.value.profile, { ...loaded.value.profile, name: base.value.profile.name });
  if (wider.length === 0) return loaded;
  return refuse(
    inOrder(
      wider.map((one) =>
        over.value.keyProblem(
          one.path,
          `wider than ${nearest.file}, which this file may only narrow: ${wideningText(one)}`,
        ),
      ),
    ),
  );
}

function compile(written: YamlDocument, source: PolicySource): Result<Loaded, readonly Problem[]> {
  const found: Problem[] = [];
  const document = resolveReferences(written, lookupIn(written), found);

  const whole = readPart(document, [], document.value, outline, found);
  if (whole?.include !== undefined)
    found.push(document.keyProblem(['include'], 'the file that this names was not read'));
  const servers = readServers(document, source.servers ?? new Map(), found);
  const { tools, resources, prompts, complete } = readTargets(document, servers, found);
  const targets = [...tools.values(), ...resources, ...prompts.values()];
  const charged = complete ? new Set(targets.flatMap(({ contract }) => Object.keys(contract.charges))) : undefined;
  const { caps, currency } = readBudgets(document, charged, found);
  const named = serversNamed(document);
  tellUnusedServers(document, named, found);
  if (whole?.prefix === false) tellAmbiguousNames(document, named, servers, found);
  runTests(document, tools, found);

  if (whole === undefined || found.length > 0) return refuse(inOrder(found));
  const profile: Profile = {
    name: whole.profile,
    file: source.file,
    text: source.text,
    digest: sha256([source, ...(source.bases ?? [])].map(({ text }) => text).join('\n---\n')),
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
  };
  return ok({ document: written, profile });
}

function lookupIn(document: YamlDocument): Lookup {
  return (name, path, text) => {
    if (name === 'policy.dir') return policyFolder(folderOf(fileAt(document, path)), path, text);
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
