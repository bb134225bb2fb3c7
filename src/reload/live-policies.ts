/**
 * The policies of a running gateway. Each follows its files: a version that is no wider than the last is in force for the next call,
 * a wider one waits for a person, a broken one is told. A call keeps the profile that it entered with.
 */
import { resolve } from 'node:path';
import { type AcceptanceProof, type Accepted, textsDigest } from '../domain/acceptance.ts';
import type { Profile, Servers } from '../domain/policy.ts';
import type { Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { ServerPool } from '../downstream/server-pool.ts';
import { type PolicyBook, realFile } from '../policy/book.ts';
import { observingWords } from '../policy/file/observing.ts';
import { lockFileOf } from '../policy/lock/read-lock.ts';
import { type Unfit, unfitness } from '../stages/fitness.ts';
import { FileWatch } from './file-watch.ts';
import { type Knowing, lastAccepted, standingOf, widerThan } from './last-accepted.ts';
import { ServersInUse } from './servers-in-use.ts';
import { changedLists, isSameText, otherEras, policyEntry, type Version, widerLines } from './version.ts';

export interface LivePoliciesOptions extends Knowing {
  readonly book: PolicyBook;
  readonly downstream: ServerPool;
  readonly now: Now;
  /** Resolves when the calls that are under way now have ended. */
  readonly drained: () => Promise<void>;
  readonly fault: (error: unknown) => void;
  /** The servers of a profile with the programs of their packages, which others that use them must have locked alike. */
  readonly startable: (profile: Profile, others: Iterable<Profile>) => Result<Servers, readonly string[]>;
}

/** What a policy file stands for in this gateway. */
interface Live {
  version: Version;
  /** What its file said when it was last read whole. */
  read: Version;
  /** Why that is not in force. */
  wider: readonly string[];
  /** What was told last, so that one save is told once. */
  told: string;
}

export class LivePolicies {
  readonly #options: LivePoliciesOptions;
  readonly #servers: ServersInUse;
  readonly #live = new Map<string, Live>();
  readonly #watch: FileWatch;
  /** One change at a time, in the order they were asked for. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LivePoliciesOptions) {
    this.#options = options;
    this.#servers = new ServersInUse(options.downstream);
    this.#watch = new FileWatch((file) => this.#changed(file), options.fault);
  }

  /** The profile of a file, taken up where it is not yet. */
  open(file: string): Promise<Result<Profile, Unfit>> {
    return this.#inTurn(async () => {
      const path = realFile(file);
      if (this.#live.has(path)) await this.#reload(path, false);
      const live = this.#live.get(path);
      return live === undefined ? this.#takeUp(path, resolve(file)) : ok(live.version.profile);
    });
  }

  /** Reads every file again, and tells what does not come into force. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      for (const file of this.#live.keys()) await this.#reload(file, true);
    });
  }

  /** Puts what a file says now in force on a person's word for it; refuses, with a sentence, any other word. */
  accept(file: string, proof: AcceptanceProof): Promise<Result<void, string>> {
    return this.#inTurn(() => this.#accept(realFile(file), resolve(file), proof));
  }

  /** The files that say more than is in force. */
  waiting(): readonly string[] {
    return [...this.#live].filter(([, { wider }]) => wider.length > 0).map(([file]) => file);
  }

  /** How each file stands: what is in force of it, what it said last, and why that is not in force. */
  standing(): readonly (Readonly<Omit<Live, 'told'>> & { readonly file: string })[] {
    return [...this.#live].map(([file, { version, read, wider }]) => ({ file, version, read, wider }));
  }

  async close(): Promise<void> {
    await this.#watch.close();
    await this.#last;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #changed(file: string): void {
    const work = async (): Promise<void> => {
      for (const [path, live] of this.#live) {
        if (filesOf(live).has(file)) await this.#reload(path, false);
      }
    };
    this.#inTurn(work).catch(this.#options.fault);
  }

  #read(file: string, old: Profile | undefined): Result<Version, readonly string[]> {
    const texts = this.#options.book.read(file);
    if (!texts.ok) return texts;
    const profile = this.#options.book.compile(texts.value, old);
    return profile.ok ? ok({ texts: texts.value, profile: profile.value }) : profile;
  }

  async #takeUp(file: string, named: string): Promise<Result<Profile, Unfit>> {
    const { book, downstream, report } = this.#options;
    const read = this.#read(file, undefined);
    const standing = read.ok ? await standingOf(this.#options, book, read.value, named) : read;
    if (!read.ok || !standing.ok) return refuse({ kind: 'policy', problems: standing.ok ? [] : standing.error });
    const { version, isNews, wider } = standing.value;
    const servers = this.#options.startable(version.profile, book.byName.values());
    if (!servers.ok) return refuse({ kind: 'server', problems: servers.error });
    book.put(version.profile, undefined);
    this.#servers.add(servers.value);
    const unfit = await unfitness(version.profile, downstream, report);
    if (unfit !== undefined) {
      book.remove(version.profile);
      this.#servers.keepOnly(book.servers);
      return refuse(unfit);
    }
    await this.#record(version, isNews ? acceptedOf(version, this.#options.now(), undefined) : undefined, []);
    const live = { version, read: read.value, wider, told: '' };
    this.#live.set(file, live);
    this.#tellWider(file, live);
    for (const line of observingLines(version)) report(line);
    this.#follow();
    return ok(version.profile);
  }

  async #reload(file: string, isAsked: boolean): Promise<void> {
    const live = this.#live.get(file);
    if (live === undefined) return;
    const { version } = live;
    const next = this.#read(file, version.profile);
    if (!next.ok) {
      const why = 'broken, so the last good one stays in force:';
      return this.#tell(live, [`policy ${version.profile.name} (${file}): ${why}`, ...next.error], isAsked);
    }
    const isNew = !isSameText(next.value.texts, live.read.texts);
    if (!isNew && !isAsked && live.wider.length > 0) return;
    live.read = next.value;
    this.#follow();
    live.wider = isSameText(next.value.texts, version.texts) ? [] : widerLines(version, next.value);
    if (live.wider.length > 0) return this.#tellWider(file, live);
    if (isSameText(next.value.texts, version.texts)) {
      if (live.told !== '') this.#tell(live, [`policy ${version.profile.name} (${file}): as it is in force`], false);
      live.told = '';
      return;
    }
    const entered = await this.#enter(live, next.value, acceptedOf(next.value, this.#options.now(), undefined));
    const told = entered.ok ? this.#inForceWords(file, live) : entered.error;
    this.#tell(live, told, isAsked);
    if (entered.ok) live.told = '';
  }

  async #accept(file: string, named: string, proof: AcceptanceProof): Promise<Result<void, string>> {
    const { book, ledger, approvers, now, report } = this.#options;
    const live = this.#live.get(file);
    const next = this.#read(file, live?.version.profile);
    if (!next.ok) return refuse(next.error.join('\n'));
    const { name } = next.value.profile;
    const before = live === undefined ? await lastAccepted(this.#options, name, [named, file]) : [];
    const { replaced, lines } = widerThan(book, before, next.value);
    const shown = live?.version.texts ?? replaced?.texts;
    if (proof.replaces !== (shown && textsDigest(shown))) {
      return refuse('What is in force is not what was shown: look again.');
    }
    const accepted = acceptedOf(next.value, now(), proof);
    if (!approvers.attests(ledger.instance, accepted)) {
      return refuse('This is no word of an enrolled person for the policy as it is now: look again.');
    }
    if (live === undefined) return ledger.accept(accepted, lines);
    const entered = await this.#enter(live, next.value, accepted);
    if (!entered.ok) return refuse(entered.error.join('\n'));
    [live.read, live.wider, live.told] = [next.value, [], ''];
    this.#follow();
    for (const line of this.#inForceWords(file, live)) report(line);
    const moved = await unfitness(book.byName.get(name) ?? next.value.profile, this.#options.downstream, report);
    for (const line of moved?.problems ?? []) report(line);
    return ok(undefined);
  }

  /** Puts a version in force for all calls from the next on, whole or not at all. */
  async #enter(live: Live, next: Version, accepted: Accepted): Promise<Result<void, readonly string[]>> {
    const { book, downstream, drained, report } = this.#options;
    const old = live.version;
    const { profile } = next;
    const others = [...book.byName.values()].filter((one) => one !== old.profile);
    const servers = this.#options.startable(profile, others);
    if (!servers.ok) return refuse([notServed(profile), ...servers.error]);
    const moved = this.#servers.moved(servers.value, otherEras(old.profile, profile));
    const added = this.#servers.add(servers.value);
    const standing = new Map([...servers.value].filter(([name]) => !moved.has(name)));
    const unfit = await unfitness({ ...profile, servers: standing }, downstream, report);
    const kept = unfit === undefined ? await this.#record(next, accepted, widerLines(old, next)) : undefined;
    if (kept?.ok !== true) {
      if (added.size > 0) this.#servers.keepOnly(book.servers);
      const why = kept === undefined ? (unfit?.problems ?? []) : [kept.error];
      return refuse([notServed(profile), ...why]);
    }
    book.put(profile, old.profile);
    live.version = next;
    this.#servers.move(moved);
    drained()
      .then(() => this.#servers.keepOnly(book.servers))
      .catch(this.#options.fault);
    downstream.tell(
      new Set([...old.profile.servers.keys(), ...profile.servers.keys()]),
      changedLists(old.profile, profile),
    );
    return ok(undefined);
  }

  async #record(
    version: Version,
    accepted: Accepted | undefined,
    lines: readonly string[],
  ): Promise<Result<void, string>> {
    const { ledger, now } = this.#options;
    const kept = accepted === undefined ? ok(undefined) : await ledger.accept(accepted, lines);
    if (kept.ok) await ledger.append(policyEntry(version, now()));
    return kept;
  }

  #inForceWords(file: string, { version }: Live): readonly string[] {
    return [`policy ${version.profile.name} (${file}): in force from the next call on`, ...observingLines(version)];
  }

  #tellWider(file: string, live: Live): void {
    if (live.wider.length === 0) return;
    const { name } = live.version.profile;
    this.#tell(
      live,
      [
        `policy ${name} (${file}): WIDER than what was accepted last, which stays in force:`,
        ...live.wider.map((line) => `  ${line}`),
        `policy ${name}: a person accepts it with: tollgate policy accept ${file}`,
      ],
      true,
    );
  }

  #tell(live: Live, lines: readonly string[], isAsked: boolean): void {
    const text = lines.join('\n');
    if (text === live.told && !isAsked) return;
    live.told = text;
    for (const line of lines) this.#options.report(line);
  }

  #follow(): void {
    this.#watch.follow(new Set([...this.#live.values()].flatMap((live) => [...filesOf(live)])));
  }
}

const notServed = ({ name }: Profile): string =>
  `policy ${name}: it cannot be served, so the last good one stays in force:`;

function observingLines({ profile }: Version): readonly string[] {
  const words = observingWords(profile);
  return words === undefined ? [] : [words];
}

const acceptedOf = ({ profile, texts }: Version, at: number, proof: AcceptanceProof | undefined): Accepted => ({
  profile: profile.name,
  texts,
  at,
  proof,
});

/** All that a change of may make another policy of it, also lock files that are not there yet. */
function filesOf({ version, read }: Live): ReadonlySet<string> {
  const files = [version, read].flatMap(({ texts }) => texts.files.map(({ file }) => file));
  return new Set(files.flatMap((file) => [file, lockFileOf(file)]));
}
