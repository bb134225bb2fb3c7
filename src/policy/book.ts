/** The policies of one gateway: a profile a file, no two that contradict each other. */
import { realpathSync } from 'node:fs';

import { problemText } from '../document/document.ts';
import type { Source } from '../document/source.ts';
import { type Abilities, ELICITATION_MODES } from '../domain/abilities.ts';
import type { PolicyTexts } from '../domain/acceptance.ts';
import { canonical, type JsonValue } from '../domain/json.ts';
import type { Accepted } from '../domain/lock.ts';
import { type Names, namesOf } from '../domain/names.ts';
import type { Profile, ServerAddress, Servers } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { claimsNamed } from '../domain/who.ts';
import { readTexts } from './file/include.ts';
import { loadPolicy } from './file/load.ts';
import { readLock } from './lock/read-lock.ts';

const NO_NAMES: Names = { tools: new Map(), prompts: new Map() };

export class PolicyBook {
  readonly byName = new Map<string, Profile>();
  /** Also of profiles that were replaced, for the calls that entered with them. */
  readonly #names = new WeakMap<Profile, Names>();
  readonly #shared: Servers;
  readonly #issuers: ReadonlySet<string> | undefined;
  #claimsNamed: ReadonlySet<string> = new Set();

  /** `shared` are the servers of the deployment, which every profile may use; `issuers` its own, where they are known. */
  constructor(shared: Servers, issuers?: ReadonlySet<string>) {
    this.#shared = shared;
    this.#issuers = issuers;
  }

  /** Adds a profile with the lock that its servers are held to, whole or not at all. Refuses with one line for each thing that is wrong. */
  add(source: Source, lock?: Source): Result<Profile, readonly string[]> {
    const compiled = this.compile({ files: [source], lock }, undefined);
    if (compiled.ok) this.put(compiled.value, undefined);
    return compiled;
  }

  /** Adds the profile of a file, with all that it includes. */
  addFile(file: string): Result<Profile, readonly string[]> {
    const texts = this.read(file);
    if (!texts.ok) return texts;
    const compiled = this.compile(texts.value, undefined);
    if (compiled.ok) this.put(compiled.value, undefined);
    return compiled;
  }

  /** The texts of a file as they are now. */
  read(file: string): Result<PolicyTexts, readonly string[]> {
    const texts = readTexts(realFile(file));
    return texts.ok ? texts : refuse(texts.error.map(problemText));
  }

  /** The profile of these texts, which may stand beside the others here, or in the place of `old`. Changes nothing. */
  compile({ files, lock: beside }: PolicyTexts, old: Profile | undefined): Result<Profile, readonly string[]> {
    const [source, ...bases] = files;
    const lock = beside === undefined ? ok(undefined) : readLock(beside);
    if (!lock.ok) return refuse(lock.error.map(problemText));
    const loaded = loadPolicy({
      ...source,
      bases,
      servers: this.#shared,
      issuers: this.#issuers,
      lock: lock.value,
    });
    if (!loaded.ok) return refuse(loaded.error.map(problemText));
    const checked = this.checked(loaded.value, old);
    return checked.ok ? checked : refuse(checked.error.map((problem) => `${source.file}: ${problem}`));
  }

  /** A profile that was loaded with the servers of the deployment, or what is wrong with it beside the others. */
  checked(profile: Profile, old: Profile | undefined): Result<Profile, readonly string[]> {
    const names = namesOf(profile);
    const problems = [...(names.ok ? [] : names.error), ...this.#conflicts(profile, old)];
    if (!names.ok || problems.length > 0) return refuse(problems);
    this.#names.set(profile, names.value);
    return ok(profile);
  }

  /** From now on calls enter under a compiled profile; those that entered under `old` keep it. */
  put(profile: Profile, old: Profile | undefined): void {
    if (old !== undefined) this.byName.delete(old.name);
    this.byName.set(profile.name, profile);
    this.#nameClaims();
  }

  /** Takes back a profile that turned out not to fit its servers. */
  remove(profile: Profile): void {
    this.byName.delete(profile.name);
    this.#names.delete(profile);
    this.#nameClaims();
  }

  /** The claims by which some profile lets callers in. Another object where they are others, and only then. */
  get claimsNamed(): ReadonlySet<string> {
    return this.#claimsNamed;
  }

  /** `server.tool` and `server.prompt` by the names that agents use; none for a profile that is not here. */
  readonly names = (profile: Profile): Names => this.#names.get(profile) ?? NO_NAMES;

  /** What some policy lets a server ask of a client. */
  readonly askable = (server: string): Abilities => {
    const asks = [...this.byName.values()].flatMap((profile) => profile.asks.get(server) ?? []);
    return {
      elicitation: ELICITATION_MODES.filter((mode) => asks.some(({ elicitation }) => elicitation.includes(mode))),
      sampling: asks.some(({ sampling }) => sampling !== undefined) ? { tools: true } : undefined,
      roots: asks.some(({ roots }) => roots),
      ui: undefined,
    };
  };

  /** What the locks of the policies that use a server hold of it. */
  readonly accepted = (server: string): readonly Accepted[] =>
    [...this.byName.values()].flatMap(({ file, lock }) => {
      const locked = lock?.servers.get(server);
      return lock === undefined || locked === undefined ? [] : [{ policy: file, lock: lock.file, server: locked }];
    });

  #nameClaims(): void {
    const names = new Set([...this.byName.values()].flatMap(({ who }) => claimsNamed(who)));
    const isSame = names.size === this.#claimsNamed.size && [...names].every((name) => this.#claimsNamed.has(name));
    if (!isSame) this.#claimsNamed = names;
  }

  get servers(): Servers {
    return this.#serversBut(undefined);
  }

  #serversBut(old: Profile | undefined): Servers {
    const others = [...this.byName.values()].filter((one) => one !== old);
    return new Map([...this.#shared, ...others.flatMap(({ servers }) => [...servers])]);
  }

  #conflicts(profile: Profile, old: Profile | undefined): readonly string[] {
    const problems: string[] = [];
    const servers = this.#serversBut(old);
    const other = this.byName.get(profile.name);
    if (other !== undefined && other !== old)
      problems.push(`the profile ${profile.name} is already that of ${other.file}: give it another name`);
    for (const [name, address] of profile.servers) {
      const known = servers.get(name);
      if (known !== undefined && textOf(known) !== textOf(address)) {
        problems.push(
          `the server ${name} is reached in another way by another policy: rename it, or define it once in gateway.yaml`,
        );
      }
    }
    return problems;
  }
}

/** One file has one name, whatever links lead to it. */
export function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

const textOf = (address: ServerAddress): string => canonical(address as unknown as JsonValue);
