/** The `servers` part of a policy: how servers are reached that the deployment does not define, and what each may do. */
import { fileAt, type Path, type Problem, type YamlDocument } from '../../document/document.ts';
import { membersOf, readPart } from '../../document/mapping.ts';
import { folderOf, SESSION_DIR } from '../../document/references.ts';
import { addressOf, reachTrouble } from '../../document/server-shape.ts';
import type { Asks } from '../../domain/abilities.ts';
import { isOfSubject } from '../../domain/credential-form.ts';
import { credentialOf, type ServerAddress, type Servers } from '../../domain/policy.ts';
import { serverShape } from './policy-shape.ts';
import type { ToolPart } from './target-shape.ts';

/** What a tool inherits from its server; resources and prompts all but the effect. */
type Defaults = Pick<ToolPart, 'effect' | 'timeout' | 'labels' | 'sends_to'>;

interface KnownServer {
  readonly address: ServerAddress | undefined;
  readonly defaults: Defaults;
  readonly asks: Asks | undefined;
  readonly isShared: boolean;
}

export type KnownServers = ReadonlyMap<string, KnownServer>;

/** The servers of the deployment and of the policy, by name. A relative `cwd` starts from the folder of the file that writes it. */
export function readServers(document: YamlDocument, deployed: Servers, found: Problem[]): KnownServers {
  const known = new Map<string, KnownServer>();
  for (const [name, address] of deployed) known.set(name, { address, defaults: {}, asks: undefined, isShared: false });
  for (const [name, part] of membersOf(document, 'servers')) {
    const path = ['servers', name];
    const server = readPart(document, path, part, serverShape, found);
    const deployedAddress = deployed.get(name);
    const address =
      server === undefined ? undefined : addressOf(server, folderOf(fileAt(document, startIn(path, server))));
    known.set(name, {
      address: address ?? deployedAddress,
      defaults: server?.defaults ?? {},
      asks: server?.asks,
      isShared: server?.shared === true,
    });
    if (server === undefined) continue;
    const unshareable = server.shared === true ? sharingTrouble(server.asks, address ?? deployedAddress) : undefined;
    if (unshareable !== undefined) found.push(document.keyProblem([...path, 'shared'], unshareable));
    const trouble = reachTrouble(server);
    const reaches = [address, server.arguments, server.env, server.cwd, server.era, server.environment].some(
      (said) => said !== undefined,
    );
    if (deployedAddress !== undefined && reaches) {
      found.push(document.keyProblem(path, `the server "${name}" is defined twice: gateway.yaml defines it`));
    } else if (trouble !== undefined && deployedAddress === undefined) {
      found.push(document.keyProblem([...path, ...trouble.path], trouble.message));
    }
  }
  return known;
}

/** Why a server cannot be shared: what belongs to one session, or is asked of one client, would reach another. */
function sharingTrouble(asks: Asks | undefined, address: ServerAddress | undefined): string | undefined {
  if (asks !== undefined) return 'a shared server may ask nothing: whose client it asks could not be told';
  if (isOfSubject(credentialOf(address)))
    return 'a shared server serves all sessions, and this one takes a credential of each caller (gateway.yaml): take this out';
  return address?.kind === 'stdio' && JSON.stringify(address).includes(SESSION_DIR)
    ? `a shared server is in no session's folder: take out ${SESSION_DIR}, or this`
    : undefined;
}

/** What says where a server's process starts. */
const startIn = (path: Path, { cwd }: { readonly cwd?: string | undefined }): Path => [
  ...path,
  cwd === undefined ? 'command' : 'cwd',
];
