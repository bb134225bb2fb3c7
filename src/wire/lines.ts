/** Cuts a byte stream into lines, however the pieces fall. */
export class LineCutter {
  readonly #limit: number;
  #pieces: Buffer[] = [];
  #held = 0;

  /** `limit`: the longest line, in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The lines that this piece completes, without their ends; undefined when a line is longer than the limit. */
  push(piece: Buffer): readonly string[] | undefined {
    const lines: string[] = [];
    let from = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
      this.#hold(piece.subarray(from, end));
      if (this.#held > this.#limit) return undefined;
      lines.push(this.rest());
      from = end + 1;
    }
    this.#hold(piece.subarray(from));
    return this.#held > this.#limit ? undefined : lines;
  }

  /** Takes what has come of a line that has not ended. */
  rest(): string {
    const only = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const line = (only ?? Buffer.concat(this.#pieces)).toString('utf8');
    this.#pieces = [];
    this.#held = 0;
    return line;
  }

  #hold(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#pieces.push(piece);
    this.#held += piece.length;
  }
}
