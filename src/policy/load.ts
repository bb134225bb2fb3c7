/** Loads a policy file: strict, all problems at once, and its own tests passed, or nothing. */

import { fileAt, inOrder, type Problem, readYaml, type YamlDocument } from '../document/document.ts';
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
import type { Contract, Effect } from '../domain/contract.ts';
import { sha256 } from '../domain/json.ts';
import type { Reach } from '../domain/label.ts';
import type { Lock } from '../domain/lock.ts';
import type { Profile, ServerAddress, Servers, TargetPolicy } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { costsOf, readBudgets, readSpendClasses } from './budgets.ts';
import { type Setting, tellLabelSlips } from './contracts.ts';
import { readFlows, tellIdleFlows } from './flows.ts';
import { mayNameArguments } from './history-shape.ts';
import { layOver } from './include.ts';
import { failureOf, type Tested } from './inline-tests.ts';
import { reachedIn, tellOtherwiseReached } from './lock/reached.ts';
import { outline, sessionShape, testShape } from './policy-shape.ts';
import { recordersOf } from './recorders.ts';
import { type KnownServers, readServers } from './servers.ts';
import { readSets, type Sets } from './sets.ts';
import { readTargets, serversNamed } from './targets.ts';
import { typedProblems } from './typed/typed-problems.ts';
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
  const sets = readSets(written, found);
  const document = resolveReferences(written, lookupIn(written, sets), found);
  // A reference that stands for nothing is no value of any kind: that is told once.
  const told = found.length;
  const misnamed = new Set(found.map(placeOf));

  const whole = readPart(document, [], document.value, outline, found);
  if (whole?.include !== undefined)
    found.push(document.keyProblem(['include'], 'the file that this names was not read'));
  const servers = readServers(document, source.servers ?? new Map(), found);
  const flows = readFlows(document, found);
  const setting: Setting = {
    file: source.file,
    lock: source.lock,
    servers,
    flows: flows.all,
    classes: readSpendClasses(document),
    reasons: readReasons(document, found),
    observes: whole?.mode === 'observe',
  };
  tellServerLabels(document, setting, found);
  const { listed, tools, resources, prompts, history, complete } = readTargets(document, setting, found);
  const targets = [...tools.values(), ...resources, ...prompts.values()];
  const used = usedOf(targets, servers);
  if (complete) tellIdleFlows(document, flows, targets, used.answersGo.values(), found);
  if (complete) tellIdleReasons(document, setting, targets, found);
  const { caps, currency } = readBudgets(document, complete ? costsOf(targets.map(contractIn)) : undefined, found);
  sets.tellUnused(found);
  const named = serversNamed(document);
  tellUnusedServers(document, named, found);
  tellOtherwiseReached(
    document,
    [...named].filter((name) => servers.has(name)),
    source.lock,
    found,
  );
  if (whole?.prefix === false) tellAmbiguousNames(document, named, servers, found);
  typedProblems(document, source.lock, found);
  const recorders = recordersOf(history, tools);
  runTests(document, listed, { tools, resources, prompts, recorders }, found);

  if (whole === undefined || found.length > 0)
    return refuse(inOrder(found.filter((one, at) => at < told || !misnamed.has(placeOf(one)))));
  const profile: Profile = {
    name: whole.profile,
    file: source.file,
    text: source.text,
    digest: sha256([source, ...(source.bases ?? [])].map(({ text }) => text).join('\n---\n')),
    lock: source.lock,
    mode: whole.mode ?? 'enforce',
    flows: flows.all,
    recorders,
    ...used,
    reached: reachedIn(document),
    tools,
    prompts,
    resources,
    prefixed: whole.prefix ?? true,
    caps,
    currency,
  };
  return ok({ document: written, profile });
}

const placeOf = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`;

const contractIn = ({ contract }: TargetPolicy): Contract => contract;

/** What `${...}` stands for in a policy file. */
export function lookupIn(document: YamlDocument, sets: Sets): Lookup {
  return (name, path, text) => {
    if (name === 'policy.dir') return policyFolder(folderOf(fileAt(document, path)), path, text);
    if (name.startsWith('arguments.')) {
      return mayNameArguments(path) ? ok(`\${${name}}`) : refuse(`\${${name}} works in "where" and "sum" only`);
    }
    if (name.startsWith('sets.')) return sets.valueOf(name, path, text);
    if (name === 'session.dir') return sessionFolder(path, text);
    if (name.startsWith('env.')) return refuse(`\${${name}} works in gateway.yaml only`);
    return unknownReference(name, `\${policy.dir} or \${sets.NAME}`);
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

/** The servers that this profile needs, and no others, what each may ask, and how far the answers go. */
function usedOf(targets: readonly TargetPolicy[], known: KnownServers) {
  const servers = new Map<string, ServerAddress>();
  const asks = new Map<string, Asks>();
  const answersGo = new Map<string, Reach>();
  for (const { contract } of targets) {
    const server = known.get(contract.server);
    if (server?.address !== undefined) servers.set(contract.server, server.address);
    if (server?.asks === undefined) continue;
    asks.set(contract.server, server.asks);
    answersGo.set(contract.server, server.defaults.sends_to ?? 'external');
  }
  return { servers, asks, answersGo };
}

/** The effects of tools that the agent must give a reason for. */
function readReasons(document: YamlDocument, found: Problem[]): readonly Effect[] {
  const part = document.value['session'];
  const session = part === undefined ? undefined : readPart(document, ['session'], part, sessionShape, found);
  return session?.require_reason ?? [];
}

function tellIdleReasons(
  document: YamlDocument,
  { reasons }: Setting,
  targets: readonly TargetPolicy[],
  found: Problem[],
): void {
  if (reasons.length === 0 || targets.some(({ asksReason }) => asksReason)) return;
  const message = `unused: no tool that agents may call is ${reasons.join(' or ')}`;
  found.push(document.keyProblem(['session', 'require_reason'], message));
}

function tellServerLabels(document: YamlDocument, { servers, flows }: Setting, found: Problem[]): void {
  for (const [name, { defaults }] of servers)
    tellLabelSlips(document, ['servers', name, 'defaults'], defaults.labels, flows, found);
}

function runTests(document: YamlDocument, listed: ReadonlySet<string>, profile: Tested, found: Problem[]): void {
  for (const [at, part] of itemsOf(document, 'tests').entries()) {
    const test = readPart(document, ['tests', at], part, testShape, found);
    if (test === undefined) continue;
    const named = [test.call, ...(test.given?.calls ?? []).map((one) => one.call)];
    // A tool with problems of its own judges nothing yet.
    if (named.some((name) => listed.has(name) && !profile.tools.has(name))) continue;
    const failure = failureOf(test, profile);
    if (failure !== undefined) found.push(document.problem(['tests', at, ...failure.path], failure.message));
  }
}
