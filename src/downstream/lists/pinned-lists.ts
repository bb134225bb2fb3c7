/** The lists of the servers that can be pinned, and when they are read. */
import type { ListKind } from '../../domain/downstream.ts';
import type { Result } from '../../domain/result.ts';
import { departedInstructions } from '../../policy/lock/departures.ts';
import { Catalog, type CatalogOptions } from './catalog.ts';
import type { ListSource } from './read-pages.ts';
import type { Reader } from './reader.ts';
import { ToldOnce } from './told-once.ts';

interface ListsOptions extends Pick<CatalogOptions, 'accepted' | 'log'> {
  hasPrompts(server: string): boolean;
}

export class PinnedLists {
  readonly tool: Catalog;
  readonly prompt: Catalog;
  readonly #accepted: ListsOptions['accepted'];
  /** That a server's instructions are not those of a lock: told once. */
  readonly #departed = new ToldOnce();
  readonly #log: (server: string, text: string) => void;

  /** `hasPrompts`: false for a server that says it has none. */
  constructor({ hasPrompts, accepted, log }: ListsOptions) {
    // Some servers have tools and do not say so: all are asked.
    this.tool = new Catalog({ kind: 'tool', hasList: () => true, accepted, log });
    this.prompt = new Catalog({ kind: 'prompt', hasList: hasPrompts, accepted, log });
    this.#accepted = accepted;
    this.#log = log;
  }

  /** Reads all through a connection. A server whose prompts cannot be listed is still of use for its tools. */
  async read(server: string, source: ListSource): Promise<Result<void, string>> {
    const [tools, prompts] = await Promise.all([this.tool.read(server, source), this.prompt.read(server, source)]);
    if (!prompts.ok) {
      this.prompt.doubt(server);
      this.#log(server, `its prompts cannot be listed: ${prompts.error}`);
    }
    return tools;
  }

  /** A server said that one of them changed: it is read again through `source`, or else before its next use. */
  changed(server: string, list: ListKind, source: ListSource | undefined): void {
    if (list === 'resources') return;
    const catalog = list === 'tools' ? this.tool : this.prompt;
    catalog.doubt(server);
    if (source !== undefined) void catalog.reread(server, source);
  }

  /** Any of them may have changed. */
  doubt(server: string): void {
    this.tool.doubt(server);
    this.prompt.doubt(server);
  }

  /** What the server told at a handshake of how it is used. */
  heard(server: string, instructions: string | undefined): void {
    const departed = departedInstructions(this.#accepted(server), instructions);
    this.#departed.tell(server, departed, (text) => this.#log(server, text));
  }

  /** What a connection is told counts until it is over. */
  endWith(over: AbortSignal, server: string, reader: Reader): void {
    const end = (): void => {
      this.tool.end(server, reader);
      this.prompt.end(server, reader);
    };
    if (over.aborted) end();
    else over.addEventListener('abort', end, { once: true });
  }

  forget(server: string): void {
    this.tool.forget(server);
    this.prompt.forget(server);
    this.#departed.forget(server);
  }
}
