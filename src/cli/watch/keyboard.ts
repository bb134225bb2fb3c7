/** Keys pressed at the controlling terminal, one by one and without echo. */
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ReadStream, WriteStream } from 'node:tty';

export type Key = 'up' | 'down' | 'approve' | 'deny' | 'quit';

const KEYS: Readonly<Record<string, Key>> = {
  '\u001b[A': 'up',
  '\u001bOA': 'up',
  k: 'up',
  '\u001b[B': 'down',
  '\u001bOB': 'down',
  j: 'down',
  a: 'approve',
  d: 'deny',
  q: 'quit',
  '\u0003': 'quit',
  '\u0004': 'quit',
};

export interface Keyboard {
  /** Resolves when the terminal is as it was, and reads nothing for us any more. */
  close(): Promise<void>;
}

/** Also told `quit` when the terminal goes away. */
export function openKeyboard(press: (key: Key) => void): Keyboard {
  const keyboard = new ReadStream(openSync('/dev/tty', 'r'));
  keyboard.setRawMode(true).setEncoding('utf8');
  let rest = '';
  let closing = false;
  keyboard.on('data', (more: string) => {
    const { keys, unread } = keysOf(rest + more);
    rest = unread;
    for (const key of keys) press(key);
  });
  keyboard.on('error', () => keyboard.destroy());
  keyboard.on('close', () => {
    if (!closing) press('quit');
  });
  return {
    close: async () => {
      closing = true;
      if (keyboard.destroyed) return;
      keyboard.setRawMode(false);
      const closed = once(keyboard, 'close');
      keyboard.destroy();
      await closed;
    },
  };
}

/** The keys that mean something in what a terminal sent; it may cut one in two, whose beginning is left `unread`. */
function keysOf(sent: string): { readonly keys: readonly Key[]; readonly unread: string } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what terminals send
  const found = sent.match(/\x1b[[O][0-9;]*[A-Za-z~]|\x1b[[O]?[0-9;]*$|[^\x1b]/g) ?? [];
  const last = found.at(-1) ?? '';
  const unread = last.startsWith('\u001b') && !/[A-NP-Za-z~]$/.test(last) ? last : '';
  const whole = unread === '' ? found : found.slice(0, -1);
  return { keys: whole.flatMap((key) => (Object.hasOwn(KEYS, key) ? [KEYS[key] ?? 'quit'] : [])), unread };
}

/** A line typed at the terminal, shown as it is typed; undefined where the person cancels. */
export async function askLine(question: string): Promise<string | undefined> {
  const keyboard = new ReadStream(openSync('/dev/tty', 'r'));
  const screen = new WriteStream(openSync('/dev/tty', 'w'));
  const lines = createInterface({ input: keyboard, output: screen, terminal: true });
  const cancelled = new AbortController();
  lines.on('SIGINT', () => cancelled.abort());
  lines.on('close', () => cancelled.abort());
  try {
    const line = (await lines.question(question, { signal: cancelled.signal })).trim();
    return line === '' ? undefined : line;
  } catch {
    screen.write('\n');
    return undefined;
  } finally {
    lines.close();
    keyboard.destroy();
    screen.destroy();
  }
}
