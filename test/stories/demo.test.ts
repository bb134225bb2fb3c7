import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { environment, REPOSITORY } from './support/deployment.ts';

test('npm run demo plays the whole story, checks it, and ends with 0', { timeout: 300_000 }, async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', 'demo'], {
    cwd: REPOSITORY,
    env: environment('/nowhere'),
    maxBuffer: 1 << 24,
  });
  for (const line of [
    /→ Ada asked for the minutes\./,
    /→ DENIED, NOT DONE: `path` must be /,
    /→ MCP error -32602: Unknown tool: files__write_file$/m,
    /held: the stream stays open, and nothing is sent/,
    /\$ tollgate approve h_\S+\n[^$]*irreversible[^$]*New passphrase:[^$]*Approved\./,
    /→ RECORDED: this exact call ran at /,
    /in the maildir: 1 \(Minutes\)/,
    /→ STOPPED: 3 of 3 notes used\. Summarise and stop\./,
    /now kill -9[^$]*started again on the same folder/,
    /in the maildir: 2 \(Minutes, Thanks\)/,
    /\$ tollgate trace s_\S+\n\s+1 {2}\S+ {2}opened /,
    /Every chain is whole\./,
    /SERVER {3}tools\/call tollgate__continue[^$]*INTERNAL approval[^$]*CLIENT {3}tools\/call send_message/,
    /All of it was so\./,
  ]) {
    expect(stdout).toMatch(line);
  }
  expect(stdout.includes('\u001b')).toBe(false);
});
