/** What is doubtful in a policy that loads: each with its place. Only what is certain is told, and nothing is refused. */
import { inOrder, type Problem } from '../../document/document.ts';
import { itemsOf, membersOf } from '../../document/mapping.ts';
import { isObject } from '../../domain/json.ts';
import { reachesAsFar } from '../../domain/label.ts';
import type { TargetPolicy } from '../../domain/policy.ts';
import type { LoadedPolicy } from '../file/load.ts';
import { lockFileOf } from '../lock/read-lock.ts';
import { pointerWarnings } from './pointer-warnings.ts';
import { productionWarnings } from './production-warnings.ts';
import { toolWarnings } from './tool-warnings.ts';

export function lint(loaded: LoadedPolicy): readonly Problem[] {
  return inOrder([
    ...wholeWarnings(loaded),
    ...leakWarnings(loaded),
    ...toolWarnings(loaded),
    ...pointerWarnings(loaded),
    ...countWarnings(loaded),
    ...productionWarnings(loaded),
  ]);
}

/** What the file as a whole lacks. */
function wholeWarnings({ document, profile, tests }: LoadedPolicy): readonly Problem[] {
  const found: Problem[] = [];
  const profileKey = (message: string) => found.push(document.keyProblem(['profile'], message));
  if (profile.mode === 'observe')
    found.push(document.keyProblem(['mode'], 'nothing is refused: "mode: observe" only writes down what would be'));
  if (profile.lock === undefined)
    profileKey(
      `there is no lock file: what the servers say is believed anew at every start; tollgate policy pin writes ${lockFileOf(profile.file)}`,
    );
  if (tests.length === 0) profileKey('there are no tests: write some calls that must be denied');
  const budgets = document.value['budgets'] === undefined ? ['profile'] : ['budgets'];
  const uncapped = ['calls', 'runtime'].filter((kind) => profile.caps[kind] === undefined);
  const spends = [...profile.tools.values()].some(({ contract }) => contract.charges['spend'] !== undefined);
  if (spends && profile.caps['spend'] === undefined) uncapped.push('spend');
  if (uncapped.length > 0)
    found.push(document.keyProblem(budgets, `a session is unlimited in ${uncapped.join(' and ')}: budgets.session`));
  return found;
}

/** A way out for what is private, with no flow over it. */
function leakWarnings({ document, profile }: LoadedPolicy): readonly Problem[] {
  const targets: readonly TargetPolicy[] = [
    ...profile.tools.values(),
    ...profile.resources,
    ...profile.prompts.values(),
  ];
  const isPrivate = targets.some(({ contract }) => contract.labels.includes('private'));
  const isWatched = profile.flows.some(
    ({ labels, observes }) => !observes && labels.every((one) => one === 'private' || one === 'untrusted'),
  );
  const away = [...profile.tools].filter(([, { contract }]) => reachesAsFar(contract.sendsTo, 'external'));
  const [[first] = []] = away;
  if (!isPrivate || isWatched || first === undefined) return [];
  const more = away.length === 1 ? '' : ` and ${away.length - 1} more`;
  const message = `${first}${more} may send private data away (sends_to: external), and no flow speaks of it; unsaid is external`;
  return [document.keyProblem(document.value['flows'] === undefined ? ['tools'] : ['flows'], message)];
}

/** How much of each server is let through. */
function countWarnings({ document, profile }: LoadedPolicy): readonly Problem[] {
  const listed = [...profile.tools.values()].map(({ contract }) => contract);
  return [...(profile.lock?.servers ?? [])].flatMap(([server, { definitions }]) => {
    const all = definitions.filter(({ kind }) => kind === 'tool').length;
    const some = listed.filter((one) => one.server === server).length;
    if (some === all) return [];
    const place = membersOf(document, 'servers').some(([name]) => name === server) ? ['servers', server] : ['tools'];
    const message = `${some} of ${all} tools of ${server} are listed; the others do not exist for agents`;
    return usesServer(document.value, server) || some > 0 ? [document.keyProblem(place, message)] : [];
  });

  function usesServer(value: typeof document.value, server: string): boolean {
    const items = [...itemsOf({ ...document, value }, 'resources'), ...itemsOf({ ...document, value }, 'prompts')];
    return items.some((one) => isObject(one) && one['server'] === server);
  }
}
