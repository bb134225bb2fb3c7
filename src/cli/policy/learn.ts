/** `tollgate policy learn SESSION...`: the smallest policy that would have allowed what these sessions did. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { problemText } from '../../document/document.ts';
import { type Entry, GATEWAY_CHAIN } from '../../domain/journal.ts';
import { isObject } from '../../domain/json.ts';
import type { Ledger } from '../../domain/ports.ts';
import { printable } from '../../domain/printable.ts';
import type { Snapshot } from '../../domain/session.ts';
import { type LoadedPolicy, loadUntested } from '../../policy/file/load.ts';
import { type Lesson, learn } from '../../policy/learn/learn.ts';
import { lockFileOf, readLock } from '../../policy/lock/read-lock.ts';
import type { RecordedCall } from '../../policy/replay/recorded-call.ts';
import { recordedCalls } from '../../policy/replay/recorded-calls.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';
import { withLedger } from '../ledger.ts';
import { sessionFolders } from '../session-folders.ts';
import { colours } from '../terminal.ts';

interface LearnOptions {
  readonly name: string | undefined;
  readonly out: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

export async function learnFrom(ids: readonly string[], options: LearnOptions): Promise<void> {
  const { servers } = deploymentOf(options.config);
  if (options.name !== undefined && !/^[a-z][a-z0-9-]*$/.test(options.name))
    throw new Exit(EXIT.usage, ['--name: expected lower-case letters, digits and "-", a letter first']);
  const out = options.out === undefined ? undefined : resolve(options.out);
  if (out !== undefined && existsSync(out)) throw new Exit(EXIT.refused, [`${out} is there already`]);
  const { base, lesson } = await withLedger(async (ledger) => {
    const sessions = await sessionsOf(ledger, ids);
    const calls: RecordedCall[] = [];
    for (const { session } of sessions) calls.push(...(await recordedCalls(ledger, session)));
    const ranUnder = await policyOfCalls(ledger, calls, servers);
    const runtime = Math.max(...sessions.map(({ used }) => used['runtime'] ?? 0));
    const name = options.name ?? ranUnder.profile.name;
    return {
      base: ranUnder,
      lesson: learn({ base: ranUnder, name, calls, runtime, dirOf: sessionFolders(), servers }),
    };
  });
  if (!lesson.ok) throw new Exit(EXIT.refused, lesson.error.map(printable));
  tell(lesson.value, base, out, options.json);
}

async function sessionsOf(ledger: Ledger, ids: readonly string[]): Promise<readonly Snapshot[]> {
  const all = await ledger.sessions(Date.now());
  const found = ids.map((id) => {
    const one = all.find(({ session }) => session.id === id);
    if (one !== undefined) return one;
    throw new Exit(EXIT.refused, [`there is no session ${printable(id)}; tollgate sessions lists them`]);
  });
  const profiles = [...new Set(found.map(({ session }) => session.profile))];
  if (profiles.length > 1)
    throw new Exit(EXIT.refused, [
      `these sessions are of several profiles (${profiles.join(', ')}): learn from each by itself`,
    ]);
  return found;
}

/** The policy that the last call ran under, as the journal keeps it. */
async function policyOfCalls(
  ledger: Ledger,
  calls: readonly RecordedCall[],
  servers: Parameters<typeof learn>[0]['servers'],
): Promise<LoadedPolicy> {
  const last = calls.filter(({ ran }) => ran !== undefined).toSorted((a, b) => b.at - a.at)[0];
  if (last?.ran === undefined)
    throw new Exit(EXIT.refused, ['nothing ran in these sessions that a policy could be learned from']);
  const { policy } = last.ran;
  const entry = (await ledger.journal(GATEWAY_CHAIN)).findLast(
    ({ kind, body }) => kind === 'policy' && body['digest'] === policy,
  );
  if (entry === undefined) throw new Exit(EXIT.io, [`the journal does not have the policy ${policy}`]);
  const loaded = loadedFrom(entry, servers);
  if (!loaded.ok)
    throw new Exit(EXIT.config, [
      'the policy that these sessions ran under no longer loads',
      ...loaded.error.map(problemText),
    ]);
  return loaded.value;
}

function loadedFrom({ body }: Entry, servers: Parameters<typeof learn>[0]['servers']) {
  const file = String(body['file']);
  const kept = body['lock'];
  const lock = isObject(kept) ? readLock({ file: lockFileOf(file), text: String(kept['text']) }) : undefined;
  if (lock?.ok === false) return lock;
  return loadUntested({ file, text: String(body['text']), lock: lock?.value, servers });
}

function tell({ text, leftOut }: Lesson, { profile }: LoadedPolicy, out: string | undefined, json: boolean): void {
  if (out !== undefined) writeFileSync(out, text, { flag: 'wx' });
  if (json) process.stdout.write(`${JSON.stringify({ file: out, text, left_out: leftOut })}\n`);
  else if (out === undefined) process.stdout.write(text);
  else {
    process.stdout.write(`${colours.green('learned')}  ${out}\n`);
    if (dirname(out) !== dirname(profile.file) && profile.lock !== undefined)
      process.stdout.write(`    its servers are pinned by tollgate policy pin ${out}\n`);
    else if (profile.lock !== undefined)
      process.stdout.write(`    held to the same servers: copy ${profile.lock.file} to ${lockFileOf(out)}\n`);
    if (leftOut.length > 0)
      process.stdout.write(`    ${leftOut.length} calls that would have been denied are left out\n`);
  }
}
