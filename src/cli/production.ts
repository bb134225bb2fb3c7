/** Production, for the person who starts the gateway: what is, which sessions may reach it, and what no longer is. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Profile, Servers } from '../domain/policy.ts';
import { openIn, productionAmong } from '../domain/production.ts';
import { isOver } from '../domain/session.ts';
import type { Home } from '../home.ts';
import { timeOf, withLedger } from './ledger.ts';

/** The servers of production of these profiles, each with the sessions that live and may reach it. */
export async function productionStanding(profiles: Iterable<Profile>): Promise<ReadonlyMap<string, readonly string[]>> {
  const servers = new Set([...profiles].flatMap((profile) => productionAmong(profile.servers)));
  if (servers.size === 0) return new Map();
  const all = await withLedger((ledger) => ledger.sessions(timeOf(ledger)));
  const living = all.filter(({ session }) => !isOver(session));
  const open = (server: string) => living.filter(({ extended }) => openIn(extended).includes(server));
  return new Map([...servers].map((server) => [server, open(server).map(({ session }) => session.id)]));
}

/**
 * One line for each server that gateway.yaml called production when a gateway last started here, and does not now: whoever
 * may write that file may say so, and should see it said. What is production now is noted for the next start.
 */
export function noLongerProduction(home: Home, servers: Servers): readonly string[] {
  const noted = notedIn(home.productionNote);
  const now = productionAmong(servers);
  const lost = noted.filter((name) => servers.has(name) && !now.includes(name));
  // One that is not there at all may come back as something else.
  const kept = noted.filter((name) => !servers.has(name));
  writeFileSync(home.productionNote, [...now, ...kept].map((name) => `${name}\n`).join(''), { mode: 0o600 });
  return lost.map(
    (name) =>
      `gateway.yaml: the server ${name} is no longer "environment: production": sessions reach it without asking a person`,
  );
}

const notedIn = (file: string): readonly string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((name) => name !== '')
    : [];
