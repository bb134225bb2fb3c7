/** The live list at a terminal: drawn anew when something changes, with a bell when a call comes to wait. */
import type { Hold } from '../../domain/hold.ts';
import { Exit } from '../exit.ts';
import { screenOf } from './hold-screen.ts';
import { type Key, type Keyboard, openKeyboard } from './keyboard.ts';
import type { Look } from './looks.ts';

export interface WatchScreenOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly detail: (hold: Hold) => string;
  /** Asks and records an answer, at the terminal as it was before. Rejects with `Exit` where none comes of it. */
  readonly answer: (hold: Hold, verdict: 'approve' | 'deny') => Promise<string>;
  /** The person has seen enough. */
  readonly quit: () => void;
}

/** Ages are shown by the second. */
const TICK = 1_000;

/** The other screen of the terminal, no cursor, long lines cut; and back. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_REST = '\u001b[J';
const BELL = '\u0007';

export class WatchScreen {
  readonly #options: WatchScreenOptions;
  readonly #redraw = (): void => this.#draw();
  #holds: readonly Hold[] = [];
  #chosen: string | undefined;
  #said = '';
  #keyboard: Keyboard | undefined;
  #ticking: NodeJS.Timeout | undefined;
  #answering: Promise<void> | undefined;
  #isFirst = true;
  #fault: unknown;

  constructor(options: WatchScreenOptions) {
    this.#options = options;
  }

  open(): void {
    process.stdout.write(ENTER);
    process.stdout.on('resize', this.#redraw);
    this.#ticking = setInterval(this.#redraw, TICK);
    this.#keyboard = openKeyboard((key) => this.#press(key));
    this.#draw();
  }

  /** Rejects with what ended it, where that was no person. */
  async close(): Promise<void> {
    await this.#answering;
    await this.#leave();
    if (this.#fault !== undefined) throw this.#fault;
  }

  look({ open, appeared }: Look): void {
    this.#holds = open;
    if (!this.#isFirst && appeared.length > 0) process.stdout.write(BELL);
    this.#isFirst = false;
    this.#draw();
  }

  async #leave(): Promise<void> {
    if (this.#keyboard === undefined) return;
    clearInterval(this.#ticking);
    process.stdout.off('resize', this.#redraw);
    const keyboard = this.#keyboard;
    this.#keyboard = undefined;
    await keyboard.close();
    process.stdout.write(LEAVE);
  }

  #press(key: Key): void {
    if (this.#answering !== undefined) return;
    if (key === 'quit') {
      this.#options.quit();
      return;
    }
    const place = this.#place();
    const hold = this.#holds[place];
    if (hold === undefined) return;
    if (key === 'up' || key === 'down') {
      this.#chosen = this.#holds[place + (key === 'up' ? -1 : 1)]?.id ?? hold.id;
      this.#draw();
      return;
    }
    this.#answering = this.#answer(hold, key).finally(() => {
      this.#answering = undefined;
    });
  }

  /** At the screen as it was, where what was shown and said stays to be read. */
  async #answer(hold: Hold, verdict: 'approve' | 'deny'): Promise<void> {
    await this.#leave();
    try {
      this.#said = await this.#options.answer(hold, verdict);
    } catch (error) {
      if (!(error instanceof Exit)) {
        this.#fault = error;
        this.#options.quit();
        return;
      }
      this.#said = error.problems.join(' ');
    }
    this.open();
  }

  /** Of the one that is chosen; where it is gone, of what came after it. */
  #place(): number {
    const place = this.#holds.findIndex(({ id }) => id === this.#chosen);
    return place === -1 ? 0 : place;
  }

  #draw(): void {
    if (this.#keyboard === undefined || this.#isFirst) return;
    const { columns, rows } = process.stdout;
    const chosen = this.#place();
    this.#chosen = this.#holds[chosen]?.id;
    const { now, detail } = this.#options;
    const lines = screenOf({ holds: this.#holds, chosen, at: now(), said: this.#said, detail, columns, rows });
    process.stdout.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\n')}${CLEAR_REST}`);
  }
}
