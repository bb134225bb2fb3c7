/** A policy file as the commands over it read it: with its lock and the deployment. Starts nothing, opens no socket. */
import { existsSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Problem, problemText } from '../../document/document.ts';
import { readSource, type Source } from '../../document/source.ts';
import type { Lock } from '../../domain/lock.ts';
import type { Servers } from '../../domain/policy.ts';
import { ok, type Result } from '../../domain/result.ts';
import { type LoadedPolicy, loadUntested } from '../../policy/load.ts';
import { lockFileOf, readLock } from '../../policy/lock/read-lock.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';

export interface PolicyFile {
  readonly source: Source;
  readonly lock: Lock | undefined;
  readonly servers: Servers;
}

/** The texts that a command line names. Refuses with what is wrong with them. */
export function readPolicyFile(file: string, config: string | undefined): Result<PolicyFile, readonly Problem[]> {
  const { servers } = deploymentOf(config);
  const absolute = resolve(file);
  const source = readSource(existsSync(absolute) ? realpathSync(absolute) : absolute);
  if (!source.ok) return source;
  const beside = lockFileOf(source.value.file);
  const lockSource = existsSync(beside) ? readSource(beside) : undefined;
  if (lockSource?.ok === false) return lockSource;
  const lock = lockSource === undefined ? ok(undefined) : readLock(lockSource.value);
  return lock.ok ? ok({ source: source.value, lock: lock.value, servers }) : lock;
}

/** The policy, its tests not run. Ends the command with every problem there is. */
export function openPolicy(file: string, config: string | undefined): LoadedPolicy {
  const read = readPolicyFile(file, config);
  const loaded = read.ok
    ? loadUntested({ ...read.value.source, lock: read.value.lock, servers: read.value.servers })
    : read;
  if (!loaded.ok) throw new Exit(EXIT.config, loaded.error.map(problemText));
  return loaded.value;
}
