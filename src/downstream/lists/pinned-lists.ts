/** The lists of the servers that are pinned, and when they are read. */
import type { ListKind } from '../../domain/ports.ts';
import type { Result } from '../../domain/result.ts';
import { Catalog } from './catalog.ts';
import type { ListSource } from './read-pages.ts';

export class PinnedLists {
  readonly tool: Catalog;
  readonly prompt: Catalog;
  readonly #log: (server: string, text: string) => void;

  /** `hasPrompts`: false for a server that says it has none. */
  constructor(hasPrompts: (server: string) => boolean, log: (server: string, text: string) => void) {
    // Some servers have tools and do not say so: all are asked.
    this.tool = new Catalog('tool', () => true, log);
    this.prompt = new Catalog('prompt', hasPrompts, log);
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

  forget(server: string): void {
    this.tool.forget(server);
    this.prompt.forget(server);
  }
}
