/** Gateways that a shim started: they outlive it, and say in their log which process they are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, until } from '../../support/downstream.ts';

/** Ends the gateway that a shim started for this home, and waits until it is gone. */
export async function endStartedGateway(home: string): Promise<void> {
  const log = readFileSync(join(home, 'gateway.log'), 'utf8');
  const pid = Number(/^ *process +(\d+)$/m.exec(log)?.[1]);
  if (!Number.isSafeInteger(pid)) throw new Error(`the log names no process: ${log}`);
  process.kill(pid, 'SIGTERM');
  await until(() => !isAlive(pid));
}
