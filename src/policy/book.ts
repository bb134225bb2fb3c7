/** The policies of one gateway: a profile a file, no two that contradict each other. */
import { existsSync, realpathSync } from 'node:fs';

import { problemText } from '../document/document.ts';
import { readSource, type Source } from '../document/source.ts';
import { type Abilities, ELICITATION_MODES } from '../domain/abilities.ts';
import { canonical, type JsonValue } from '../domain/json.ts';
import type { Accepted } from '../domain/lock.ts';
import { type Names, namesOf } from '../domain/names.ts';
import type { Profile, ServerAddress, Servers } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { loadPolicy } from './load.ts';
import { lockFileOf, readLock } from './lock/read-lock.ts';

const NO_NAMES: Names = { tools: new Map(), prompts: new Map() };

export class PolicyBook {
  readonly byName = new Map<string, Profile>();
  readonly #names = new Map<Profile, Names>();
  readonly #servers: Map<string, ServerAddress>;
  readonly #shared: Servers;

  /** `shared` are the servers of the deployment, which every profile may use. */
  constructor(shared: Servers) {
    this.#shared = shared;
    this.#servers = new Map(shared);
  }

  /**
   * Adds a profile with the lock that its servers are held to, whole or not at all. Refuses with one line for each thing
   * that is wrong.
   */
  add(source: Source, lockSource?: Source): Result<Profile, readonly string[]> {
    const lock = lockSource === undefined ? ok(undefined) : readLock(lockSource);
    if (!lock.ok) return refuse(lock.error.map(problemText));
    const loaded = loadPolicy({ ...source, servers: this.#shared, lock: lock.value });
    if (!loaded.ok) return refuse(loaded.error.map(problemText));
    const added = this.addLoaded(loaded.value);
    return added.ok ? added : refuse(added.error.map((problem) => `${source.file}: ${problem}`));
  }

  /** Adds a profile that was loaded with the servers of the deployment. Refuses with what is wrong beside the others. */
  addLoaded(profile: Profile): Result<Profile, readonly string[]> {
    const names = namesOf(profile);
    const problems = [...(names.ok ? [] : names.error), ...this.#conflicts(profile)];
    if (!names.ok || problems.length > 0) return refuse(problems);
    this.byName.set(profile.name, profile);
    this.#names.set(profile, names.value);
    for (const [name, address] of profile.servers) this.#servers.set(name, address);
    return ok(profile);
  }

  /** Adds the profile of a file, and the lock beside it where there is one. */
  addFile(file: string): Result<Profile, readonly string[]> {
    const source = readSource(real(file));
    if (!source.ok) return refuse(source.error.map(problemText));
    const beside = lockFileOf(source.value.file);
    const lock = existsSync(beside) ? readSource(beside) : ok(undefined);
    return lock.ok ? this.add(source.value, lock.value) : refuse(lock.error.map(problemText));
  }

  /** Takes back a profile that turned out not to fit its servers. */
  remove(profile: Profile): void {
    this.byName.delete(profile.name);
    this.#names.delete(profile);
    for (const name of profile.servers.keys()) if (!this.#shared.has(name)) this.#servers.delete(name);
  }

  /** The profile that was read from this very file. */
  ofFile(file: string): Profile | undefined {
    return [...this.byName.values()].find((profile) => profile.file === real(file));
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

  get servers(): Servers {
    return this.#servers;
  }

  #conflicts(profile: Profile): readonly string[] {
    const problems: string[] = [];
    const other = this.byName.get(profile.name);
    if (other !== undefined)
      problems.push(`the profile ${profile.name} is already that of ${other.file}: give it another name`);
    for (const [name, address] of profile.servers) {
      const known = this.#servers.get(name);
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
function real(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

const textOf = (address: ServerAddress): string => canonical(address as unknown as JsonValue);
