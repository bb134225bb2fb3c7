import type { Servers } from '../../domain/policy.ts';
import type { ReadSecret } from './read-secret.ts';

/** A line for each secret that these servers' processes would need and that cannot be read, by its place in the deployment's file. */
export async function unreadableSecrets(servers: Servers, readSecret: ReadSecret): Promise<readonly string[]> {
  const tried = [...servers].flatMap(([server, address]) =>
    Object.entries(address.kind === 'stdio' ? (address.secrets ?? {}) : {}).map(async ([name, reference]) => {
      const read = await readSecret(reference);
      return read.ok ? [] : [`gateway.yaml: servers.${server}.env.${name}: ${read.error}`];
    }),
  );
  return (await Promise.all(tried)).flat();
}
