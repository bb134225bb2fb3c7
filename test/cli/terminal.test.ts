import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as pseudoTerminal from '@lydell/node-pty';
import { describe, expect, test } from 'vitest';
import { table } from '../../src/cli/terminal.ts';
import { printable } from '../../src/domain/printable.ts';

const PROBE = fileURLToPath(new URL('terminal-probe.ts', import.meta.url));
const NODE = process.execPath;

/** Runs a shell command line at a terminal of its own. Types `keys` when the question has been shown. Answers what the screen got. */
function atTerminal(
  command: string,
  keys: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const env = { PATH: process.env['PATH'], NODE, PROBE, ...environment };
  const terminal = pseudoTerminal.spawn('/bin/sh', ['-c', command], { env, cols: 200 });
  let screen = '';
  let asked = false;
  terminal.onData((shown) => {
    screen += shown;
    if (asked || !screen.includes('Passphrase: ')) return;
    asked = true;
    for (const key of keys) terminal.write(key);
  });
  terminal.onExit(() => resolve(screen));
  return promise;
}

const answered = (passphrase: string) => `Passphrase: \r\n${JSON.stringify({ ok: true, value: passphrase })}\r\n`;
const CANCELLED = `Passphrase: \r\n${JSON.stringify({ ok: false, error: 'Cancelled.' })}\r\n`;
const REFUSED = { ok: false, error: 'A passphrase must be typed at a terminal, and this process has none.' };

describe('a passphrase', () => {
  test.each([
    ['typed key by key', [...'correct horse', '\r'], 'correct horse'],
    ['pasted with a newline at its end', ['correct horse\n'], 'correct horse'],
    ['pasted in a terminal that marks pastes', ['\u001b[200~correct horse\u001b[201~', '\r'], 'correct horse'],
    ['corrected with backspace', ['cow\u007f\u007f\u007f\u007forrecq\bt\r'], 'orrect'],
    ['begun anew with Ctrl-U', ['wrong\u0015right\r'], 'right'],
    ['with an arrow key in it, cut in two', ['ab\u001b', '[', 'C', 'c\u001bOD\r'], 'abc'],
    ['with a key in it that types nothing', ['a\u0001b\tc\r'], 'abc'],
    ['outside ASCII', ['p\u00e4ss \u{1f511}\u{1f511}\u007f\r'], 'p\u00e4ss \u{1f511}'],
    ['of nothing', ['\r'], ''],
  ])('%s is taken, and not shown', async (_, keys, passphrase) => {
    const screen = await atTerminal('"$NODE" "$PROBE"', keys);
    expect(screen).toBe(answered(passphrase));
  });

  test.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('is cancelled by %s', async (_, key) => {
    expect(await atTerminal('"$NODE" "$PROBE"', ['secret', key])).toBe(CANCELLED);
  });

  test('leaves the terminal as it was, before the process goes on', async () => {
    const screen = await atTerminal('"$NODE" "$PROBE" settings', ['x\r']);
    const [before, , after] = screen.split('\r\n');
    expect(before).toMatch(/^[0-9a-f:]+$/);
    expect(after).toBe(before);
  });

  test('comes from the terminal even where standard input and output are redirected', async () => {
    const screen = await atTerminal('printf "piped\\n" | "$NODE" "$PROBE" | cat', ['typed\r']);
    expect(screen).toBe(answered('typed'));
  });

  test('that is piped to a process without a terminal is refused', async () => {
    const child = spawn(NODE, [PROBE], { detached: true });
    child.stdin.end('piped secret\n');
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    await once(child, 'close');
    expect(JSON.parse(output)).toEqual(REFUSED);
  });
});

describe('colours', () => {
  test('are shown at a terminal', async () => {
    expect(await atTerminal('"$NODE" "$PROBE" colour')).toBe('\u001b[31mstop\u001b[39m\r\n');
  });

  test('are left out where NO_COLOR is set, and where output is no terminal', async () => {
    expect(await atTerminal('"$NODE" "$PROBE" colour', [], { NO_COLOR: '1' })).toBe('stop\r\n');
    expect(await atTerminal('"$NODE" "$PROBE" colour | cat', [], { FORCE_COLOR: '1' })).toBe('stop\r\n');
  });
});

describe('printable', () => {
  test.each([
    ['\\u{202e}', '\u202e'],
    ['\\u{2066}', '\u2066'],
    ['\\u{200b}', '\u200b'],
    ['\\u{200d}', '\u200d'],
    ['\\u{feff}', '\ufeff'],
    ['\\u{ad}', '\u00ad'],
    ['\\u{a0}', '\u00a0'],
    ['\\u{2028}', '\u2028'],
    ['\\u{3164}', '\u3164'],
    ['\\u{2800}', '\u2800'],
    ['\\u{fe0f}', '\ufe0f'],
    ['\\u{e0041}', '\u{e0041}'],
    ['\\u{d800}', '\ud800'],
    ['\\u{a}', '\n'],
    ['\\u{1b}[2J', '\u001b[2J'],
    ['\\u{9b}2J', '\u009b2J'],
    ['\\u{7f}', '\u007f'],
    ['\\u{0}', '\0'],
  ])('shows what would be hidden: %s', (shown, hidden) => {
    expect(printable(`pay ${hidden}bob${hidden}`)).toBe(`pay ${shown}bob${shown}`);
  });

  test('leaves text in any script as it is', () => {
    const text = 'Grüße, 東京 שלום नमस्ते 🔑 "a\\b" <tag>';
    expect(printable(text)).toBe(text);
  });
});

describe('a table', () => {
  const rows = [
    ['h_1', 'crm.send_reply', 'open'],
    ['h_22', 'files.write', 'approved'],
  ];
  const columns = ['hold', 'call', 'state'];

  test('is aligned under its column names', () => {
    expect(table(rows, columns, 80)).toBe(
      ['hold  call            state', 'h_1   crm.send_reply  open', 'h_22  files.write     approved'].join('\n'),
    );
  });

  test('fits the width by cutting the widest columns, and says that it cut', () => {
    expect(table(rows, columns, 24)).toBe(
      ['hold  call      state', 'h_1   crm.sen…  open', 'h_22  files.w…  approved'].join('\n'),
    );
    for (let width = 10; width < 40; width++) {
      expect(
        Math.max(
          ...table(rows, columns, width)
            .split('\n')
            .map((line) => line.length),
        ),
      ).toBeLessThanOrEqual(width);
    }
  });

  test('ends when a terminal is too narrow for one character a column', () => {
    expect(table(rows, columns, 3)).toBe(['…  …  …', '…  …  …', '…  …  …'].join('\n'));
  });

  test('counts wide characters as two, and a cut leaves no half of one', () => {
    expect(table([['東京東京', 'x']], ['城', 'n'], 9)).toBe(['城      n', '東京…   x'].join('\n'));
  });

  test('lets no cell move the cursor', () => {
    expect(table([['a\r\u001b[1Ab']], ['x'], 80)).toBe('x\na\\u{d}\\u{1b}[1Ab');
  });
});
