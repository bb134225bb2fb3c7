/** A lock as `tollgate policy pin` writes it, of servers that run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lock } from '../../src/domain/lock.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { serversToPin } from '../../src/policy/lock/servers-to-pin.ts';
import { proposeLock } from '../../src/stages/propose-lock.ts';
import { SessionFolders } from '../../src/store/session-folders.ts';

/** Of the servers that this policy text uses, as they are now. `report` hears what cannot be pinned. */
export async function pinned(
  folder: string,
  policy: string,
  report: (line: string) => void = () => undefined,
): Promise<Lock> {
  const toPin = serversToPin({ files: [{ file: join(folder, 'policy.yaml'), text: policy }] }, new Map());
  if (!toPin.ok) throw new Error(JSON.stringify(toPin.error));
  const rooms = mkdtempSync(join(tmpdir(), 'tollgate-pin-'));
  const downstream = openDownstream({
    servers: toPin.value.servers,
    rooms: new SessionFolders(rooms).enter,
    now: Date.now,
    log: () => undefined,
  });
  try {
    const lock = await proposeLock({ ...toPin.value, packages: new Map() }, downstream, Date.now, report);
    if (!lock.ok) throw new Error(lock.error.why);
    return lock.value;
  } finally {
    await downstream.close();
    rmSync(rooms, { recursive: true, force: true });
  }
}
