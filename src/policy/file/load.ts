/** Loads a policy file: strict, all problems at once, and its own tests passed, or nothing. */

import { fileAt, inOrder, type Problem, readYaml, type YamlDocument } from '../../document/document.ts';
import { membersOf, readPart } from '../../document/mapping.ts';
import {
  folderOf,
  type Lookup,
  policyFolder,
  resolveReferences,
  sessionFolder,
  unknownReference,
} from '../../document/references.ts';
import type { Source } from '../../document/source.ts';
import type { Asks } from '../../domain/abilities.ts';
import type { Contract } from '../../domain/contract.ts';
import { sha256 } from '../../domain/json.ts';
import type { Reach } from '../../domain/label.ts';
import type { Lock } from '../../domain/lock.ts';
import type { Profile, ServerAddress, Servers, TargetPolicy } from '../../domain/policy.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { mayNameArguments } from '../history/history-shape.ts';
import { recordersOf } from '../history/recorders.ts';
import { readFlows, tellIdleFlows } from '../judge/flows.ts';
import { reachedIn, tellOtherwiseReached } from '../lock/reached.ts';
import { typedProblems } from '../typed/typed-problems.ts';
import { wideningText } from '../widening/widening.ts';
import { widenings } from '../widening/widenings.ts';
import { costsOf, readBudgets, readSpendClasses } from './budgets.ts';
import { type Setting, tellLabelSlips } from './contracts.ts';
import { layOver } from './include.ts';
import { type Placed, placedTests, type Tested, told } from './inline-tests.ts';
import { outline } from './policy-shape.ts';
import { type KnownServers, readServers } from './servers.ts';
import { readSession, tellIdleReasons, tellIdleRenewal } from './session-part.ts';
import { readSets, type Sets } from './sets.ts';
import { readTargets, serversNamed } from './targets.ts';
import { tellUnknownIssuers } from './who-shape.ts';

/** A policy's text, with what it is read with. */
export interface PolicySource extends Source {
  /** What it includes, the nearest first. */
  readonly bases?: readonly Source[];
  /** Those that the deployment defines; a policy may define others, and none of these again. */
  readonly servers?: Servers;
  /** Those of the deployment; undefined where it is not known. */
  readonly issuers?: ReadonlySet<string> | undefined;
  /** What was pinned of its servers. */
  readonly lock?: Lock | undefined;
}

/** A policy and its file, for whoever speaks of both. */
export interface LoadedPolicy {
  readonly profile: Profile;
  readonly document: YamlDocument;
  /** Its own tests, which were not run. */
  readonly tests: readonly Placed[];
}

/** The profile that a policy file describes, or every problem in it, its tests that fail too, in the order of the file. */
export function loadPolicy(source: PolicySource): Result<Profile, readonly Problem[]> {
  const read = readPolicy(source);
  if (!read.ok) return read;
  const tested = testPolicy(read.value);
  return tested.ok ? ok(tested.value.profile) : tested;
}

/** The same without running the tests: one that fails hides none of the others. */
export function loadUntested(source: PolicySource): Result<LoadedPolicy, readonly Problem[]> {
  const read = readPolicy(source);
  return read.ok ? whole(read.value) : read;
}

interface ReadPolicy {
  /** As it is written, with all that it includes. */
  readonly written: YamlDocument;
  /** The same with what its references stand for. */
  readonly document: YamlDocument;
  readonly found: Problem[];
  readonly tested: Tested;
  readonly tests: readonly Placed[];
  /** The tools that the file lists, whether what it says of them is valid or not. */
  readonly listed: ReadonlySet<string>;
  /** Undefined where the file as a whole says none. */
  readonly profile: Profile | undefined;
}

type WholePolicy = ReadPolicy & LoadedPolicy;

function whole(read: ReadPolicy): Result<WholePolicy, readonly Problem[]> {
  const { profile, found } = read;
  return profile === undefined || found.length > 0 ? refuse(inOrder(found)) : ok({ ...read, profile });
}

function testPolicy(read: ReadPolicy): Result<WholePolicy, readonly Problem[]> {
  const { document, found, tested, tests, listed } = read;
  for (const { path, test } of tests) {
    const named = [test.call, ...(test.given?.calls ?? []).map((one) => one.call)];
    // A tool with problems of its own judges nothing yet.
    if (named.some((name) => listed.has(name) && !tested.tools.has(name))) continue;
    const { failure } = told(test, tested);
    if (failure !== undefined) found.push(document.problem([...path, ...failure.path], failure.message));
  }
  return whole(read);
}

/** A policy that includes another is read over it, and may only narrow it. */
function readPolicy(source: PolicySource): Result<ReadPolicy, readonly Problem[]> {
  const over = readYaml(source.file, source.text);
  if (!over.ok) return over;
  const [nearest, ...bases] = source.bases ?? [];
  if (nearest === undefined) return ok(compile(over.value, source));
  const below = readPolicy({ ...source, ...nearest, bases });
  const base = below.ok ? testPolicy(below.value) : below;
  if (!base.ok) return base;
  const read = compile(layOver(base.value.written, over.value), source);
  const { profile, found } = read;
  if (profile === undefined || found.length > 0) return ok(read);
  for (const one of widenings(base.value.profile, { ...profile, name: base.value.profile.name })) {
    const message = `wider than ${nearest.file}, which this file may only narrow: ${wideningText(one)}`;
    found.push(over.value.keyProblem(one.path, message));
  }
  return ok(read);
}

function compile(written: YamlDocument, source: PolicySource): ReadPolicy {
  const found: Problem[] = [];
  const sets = readSets(written, found);
  const document = resolveReferences(written, lookupIn(written, sets), found);
  // A reference that stands for nothing is no value of any kind: that is told once.
  const first = found.length;
  const misnamed = new Set(found.map(placeOf));

  const outlined = readPart(document, [], document.value, outline, found);
  if (outlined?.include !== undefined)
    found.push(document.keyProblem(['include'], 'the file that this names was not read'));
  if (outlined !== undefined && source.issuers !== undefined)
    tellUnknownIssuers(document, outlined.who, source.issuers, found);
  const servers = readServers(document, source.servers ?? new Map(), found);
  const flows = readFlows(document, found);
  const { reasons, life } = readSession(document, found);
  const setting: Setting = {
    file: source.file,
    lock: source.lock,
    servers,
    flows: flows.all,
    classes: readSpendClasses(document),
    reasons,
    observes: outlined?.mode === 'observe',
  };
  tellServerLabels(document, setting, found);
  const { listed, tools, resources, prompts, history, complete } = readTargets(document, setting, found);
  const targets = [...tools.values(), ...resources, ...prompts.values()];
  const used = usedOf(targets, servers);
  if (complete) tellIdleFlows(document, flows, targets, used.answersGo.values(), found);
  if (complete) tellIdleReasons(document, reasons, targets, found);
  tellIdleRenewal(document, life, found);
  const budgets = readBudgets(document, complete ? costsOf(targets.map(contractIn)) : undefined, found);
  sets.tellUnused(found);
  const named = serversNamed(document);
  tellUnusedServers(document, named, found);
  tellOtherwiseReached(
    document,
    [...named].filter((name) => servers.has(name)),
    source.lock,
    found,
  );
  if (outlined?.prefix === false) tellAmbiguousNames(document, named, servers, found);
  typedProblems(document, source.lock, found);
  const recorders = recordersOf(history, tools);
  const tested = { tools, resources, prompts, recorders, servers: used.servers, lock: source.lock };
  const tests = placedTests(document, found);
  const profile: Profile | undefined = outlined && {
    name: outlined.profile,
    who: outlined.who,
    file: source.file,
    text: source.text,
    digest: sha256([source, ...(source.bases ?? [])].map(({ text }) => text).join('\n---\n')),
    mode: outlined.mode ?? 'enforce',
    flows: flows.all,
    ...tested,
    ...used,
    reached: reachedIn(document),
    prefixed: outlined.prefix ?? true,
    ...budgets,
    life,
  };
  const sound = found.filter((one, at) => at < first || !misnamed.has(placeOf(one)));
  return { written, document, found: sound, tested, tests, listed, profile };
}

const placeOf = ({ file, line, column }: Problem): string => `${file}:${line}:${column}`;

const contractIn = ({ contract }: TargetPolicy): Contract => contract;

/** What `${...}` stands for in a policy file. */
export function lookupIn(document: YamlDocument, sets: Sets): Lookup {
  return (name, path, text) => {
    if (name === 'policy.dir') return policyFolder(folderOf(fileAt(document, path)), path, text);
    if (name.startsWith('arguments.')) {
      return mayNameArguments(path)
        ? ok(`\${${name}}`)
        : refuse(`\${${name}} works in "where", "sum" and the arguments of "shows" only`);
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
  const shared = new Set<string>();
  for (const { contract } of targets) {
    const server = known.get(contract.server);
    if (server?.address !== undefined) servers.set(contract.server, server.address);
    if (server?.isShared) shared.add(contract.server);
    if (server?.asks === undefined) continue;
    asks.set(contract.server, server.asks);
    answersGo.set(contract.server, server.defaults.sends_to ?? 'external');
  }
  return { servers, asks, answersGo, shared };
}

function tellServerLabels(document: YamlDocument, { servers, flows }: Setting, found: Problem[]): void {
  for (const [name, { defaults }] of servers)
    tellLabelSlips(document, ['servers', name, 'defaults'], defaults.labels, flows, found);
}
