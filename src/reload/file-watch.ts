/** Tells of files that were written, replaced, made or removed. */
import { type FSWatcher, watch } from 'chokidar';

/** A file counts as written once its size has stood still for so long. Milliseconds. */
const SETTLED = { stabilityThreshold: 60, pollInterval: 20 };

export class FileWatch {
  readonly #watcher: FSWatcher;
  readonly #files = new Set<string>();

  /** `changed` is also called once for each file that is there when it begins to be watched: it may have changed just before. */
  constructor(changed: (file: string) => void, fault: (error: unknown) => void) {
    this.#watcher = watch([], { awaitWriteFinish: SETTLED });
    this.#watcher.on('all', (_event, file) => {
      if (this.#files.has(file)) changed(file);
    });
    this.#watcher.on('error', fault);
  }

  /** Watches these from now on, and no others. A file that is not there yet may come. */
  follow(files: ReadonlySet<string>): void {
    const gone = [...this.#files].filter((file) => !files.has(file));
    const more = [...files].filter((file) => !this.#files.has(file));
    for (const file of gone) this.#files.delete(file);
    for (const file of more) this.#files.add(file);
    this.#watcher.unwatch(gone);
    this.#watcher.add(more);
  }

  close(): Promise<void> {
    return this.#watcher.close();
  }
}
