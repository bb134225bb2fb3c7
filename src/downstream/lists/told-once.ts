/** What is told of a list each time it is read would be told for every session anew: what was told the last time is not. */
export class ToldOnce {
  readonly #last = new Map<string, ReadonlySet<string>>();

  /** Logs the lines about a list that were not among those of its last reading. */
  tell(list: string, lines: readonly string[], log: (text: string) => void): void {
    const last = this.#last.get(list);
    this.#last.set(list, new Set(lines));
    for (const line of lines) if (last?.has(line) !== true) log(line);
  }

  forget(list: string): void {
    this.#last.delete(list);
  }
}
