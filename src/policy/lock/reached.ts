/** How servers are reached, as a policy writes it: what a lock pins, and the same on every machine. */
import type { Problem, YamlDocument } from '../../document/document.ts';
import { canonical, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Lock } from '../../domain/lock.ts';

/** By server, for those that the policy itself defines. References stay as they are written; no value of a variable is in it. */
export function reachedIn({ written }: YamlDocument): ReadonlyMap<string, string> {
  const servers = isObject(written['servers']) ? written['servers'] : {};
  return new Map(
    Object.entries(servers).flatMap(([name, part]) => {
      const reached = isObject(part) ? reachOf(part) : undefined;
      return reached === undefined ? [] : [[name, canonical(reached)] as const];
    }),
  );
}

function reachOf(server: JsonObject): JsonObject | undefined {
  const { command, package: named, arguments: words, url, cwd, env, era } = server;
  const spoken = era === undefined ? {} : { era };
  if (url !== undefined) return { ...spoken, url };
  if (command === undefined && named === undefined) return undefined;
  const program =
    named === undefined ? { command } : { package: named, ...(words === undefined ? {} : { arguments: words }) };
  const names = isObject(env) ? Object.keys(env).sort() : [];
  return {
    ...program,
    ...(cwd === undefined ? {} : { cwd }),
    ...(names.length === 0 ? {} : { env: names }),
    ...spoken,
  };
}

/** One line for a person: the command, the package or the URL. */
export function reachedWords(reached: string): string {
  const {
    command,
    package: named,
    arguments: given,
    url,
    cwd,
    env,
  } = JSON.parse(reached) as { [member: string]: JsonValue | undefined };
  const program = named === undefined ? command : [named, ...(Array.isArray(given) ? given : [])];
  const words = Array.isArray(program) ? program.map(word).join(' ') : String(url);
  const variables = Array.isArray(env) ? ` with ${env.join(', ')}` : '';
  return `${words}${cwd === undefined ? '' : ` in ${cwd}`}${variables}`;
}

const word = (text: JsonValue): string =>
  /^[\w@%+=:,./${}-]+$/.test(String(text)) ? String(text) : JSON.stringify(text);

/** Servers that the policy uses and its lock does not have, or has otherwise. */
export function tellOtherwiseReached(
  document: YamlDocument,
  used: Iterable<string>,
  lock: Lock | undefined,
  found: Problem[],
): void {
  if (lock === undefined) return;
  const now = reachedIn(document);
  for (const name of used) {
    const pinned = lock.servers.get(name);
    const said = now.get(name);
    if (pinned === undefined) {
      found.push(document.keyProblem(['servers', name], `${name} is not pinned in ${lock.file}${see(document, name)}`));
    } else if (pinned.reached !== said) {
      const was = pinned.reached === undefined ? 'by gateway.yaml' : reachedWords(pinned.reached);
      const message = `${name} is reached otherwise than when it was pinned (${was})`;
      found.push(document.keyProblem(['servers', name], `${message}${see(document, name)}`));
    }
  }
}

const see = (document: YamlDocument, name: string): string =>
  `; see tollgate policy diff ${document.keyProblem(['servers', name], '').file}`;
