/** Servers as a test says them: what each lists, what it says otherwise by now. One that is not named is away. */
import type { Definition } from '../../../src/domain/contract.ts';
import type { Downstream } from '../../../src/domain/downstream.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { ok, refuse } from '../../../src/domain/result.ts';

export interface Listing {
  readonly definitions?: readonly Definition[];
  readonly resources?: readonly JsonObject[];
}

export interface ListedServers {
  readonly downstream: Downstream;
  /** What was asked of which server, in order. */
  readonly asked: readonly string[];
}

export function listedServers(
  servers: Readonly<Record<string, Listing>>,
  changed: readonly Definition[] = [],
): ListedServers {
  const asked: string[] = [];
  const away = (server: string) => refuse({ server, why: 'it is away' });
  const none = (): never => {
    throw new Error('no step before the connection asks for this');
  };
  const downstream: Downstream = {
    definitions: async (server, kind) => {
      asked.push(`${kind}s of ${server}`);
      const said = servers[server];
      return said === undefined ? away(server) : ok(said.definitions ?? []);
    },
    changed: (definition) => changed.includes(definition),
    resources: async (server, list, session) => {
      asked.push(`${list} of ${server} for ${session}`);
      const said = servers[server];
      return said?.resources === undefined ? away(server) : ok(said.resources);
    },
    needsVia: () => false,
    present: none,
    offers: none,
    connect: none,
    onListChanged: none,
    close: none,
  };
  return { downstream, asked };
}
