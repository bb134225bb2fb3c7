/** What one server says of its tools or prompts: what it said first, and what each of its connections says now. */
import type { Definition } from '../../domain/contract.ts';
import { canonical } from '../../domain/json.ts';
import type { Reading } from '../../policy/lock/departures.ts';
import type { Listed } from './list-definitions.ts';
import type { Reader } from './reader.ts';

interface Said {
  readonly entries: ReadonlyMap<string, Listed>;
  readonly isPartial: boolean;
  /** Its connection has ended: it counts until another one has been read. */
  isOver: boolean;
}

export class Shelf {
  /** In the server's order. */
  readonly first: readonly Definition[];
  /** False from the moment the list may have changed until it has been read again. */
  certain = true;
  readonly #said = new Map<Reader, Said>();
  /** By name: what all connections say alike; undefined where they do not. */
  #present: ReadonlyMap<string, Listed | undefined> = new Map();

  constructor(first: readonly Listed[]) {
    this.first = first.map((one) => one.definition);
  }

  put(reader: Reader, listed: readonly Listed[], isPartial: boolean): void {
    for (const [other, said] of this.#said) if (said.isOver) this.#said.delete(other);
    const entries = new Map(listed.map((one) => [one.definition.name, this.#known(one)]));
    this.#said.set(reader, { entries, isPartial, isOver: false });
    this.#merge();
  }

  /** The connection is gone. What it said last counts no longer, unless nobody else has said anything. */
  end(reader: Reader): void {
    const said = this.#said.get(reader);
    if (said === undefined) return;
    said.isOver = true;
    if (this.#said.size > 1) this.#said.delete(reader);
    this.#merge();
  }

  /** Undefined where it is not there now, or where two connections are told two things. */
  present(name: string): Listed | undefined {
    return this.#present.get(name);
  }

  get definitions(): readonly Definition[] {
    return [...this.#present.values()].flatMap((one) => one?.definition ?? []);
  }

  readings(kind: Definition['kind']): readonly Reading[] {
    return [...this.#said.values()].map(({ entries, isPartial }) => ({
      kind,
      now: new Map([...entries].map(([name, { definition }]) => [name, definition])),
      isPartial,
    }));
  }

  /** One object for what many connections say alike. */
  #known(one: Listed): Listed {
    const known = this.#present.get(one.definition.name);
    const isSame =
      known?.definition.pin === one.definition.pin &&
      canonical(known.definition.raw['annotations']) === canonical(one.definition.raw['annotations']);
    return isSame ? known : one;
  }

  #merge(): void {
    const present = new Map<string, Listed | undefined>();
    for (const { entries } of this.#said.values()) {
      for (const [name, one] of entries) {
        const other = present.get(name);
        const isDisputed = present.has(name) && other?.definition.pin !== one.definition.pin;
        present.set(name, isDisputed ? undefined : one);
      }
    }
    for (const name of present.keys()) if (this.#isMissed(name)) present.set(name, undefined);
    this.#present = present;
  }

  /** Whether a connection that sees everything does not see it. */
  #isMissed(name: string): boolean {
    return [...this.#said.values()].some(({ entries, isPartial }) => !isPartial && !entries.has(name));
  }
}
