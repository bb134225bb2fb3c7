/** A policy file as the commands over it read it: with what it includes, its lock and the deployment. Starts nothing, opens no socket. */
import { resolve } from 'node:path';
import { type Problem, problemText } from '../../document/document.ts';
import { ok, type Result } from '../../domain/result.ts';
import { realFile } from '../../policy/book.ts';
import { readTexts } from '../../policy/file/include.ts';
import { type LoadedPolicy, loadUntested, type PolicySource } from '../../policy/file/load.ts';
import { readLock } from '../../policy/lock/read-lock.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';

/** The texts that a command line names. Refuses with what is wrong with them. */
export function readPolicyFile(file: string, config: string | undefined): Result<PolicySource, readonly Problem[]> {
  const { servers, issuers } = deploymentOf(config);
  const texts = readTexts(realFile(resolve(file)));
  if (!texts.ok) return texts;
  const { files, lock: beside } = texts.value;
  const lock = beside === undefined ? ok(undefined) : readLock(beside);
  if (!lock.ok) return lock;
  const [source, ...bases] = files;
  return ok({ ...source, bases, lock: lock.value, servers, issuers });
}

/** The policy, its tests not run. Ends the command with every problem there is. */
export function openPolicy(file: string, config: string | undefined): LoadedPolicy {
  const read = readPolicyFile(file, config);
  const loaded = read.ok ? loadUntested(read.value) : read;
  if (!loaded.ok) throw new Exit(EXIT.config, loaded.error.map(problemText));
  return loaded.value;
}
