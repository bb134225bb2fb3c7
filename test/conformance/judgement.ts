/** Judges Tollgate by the suite: the fixture directly and through the gateway, then the suite's servers through the gateway. */
import { join } from 'node:path';
import { startGateway } from '../support/gateway.ts';
import { CLIENT_SCENARIOS } from './client-scenarios.ts';
import { because, difference, differenceInKind, isPassed, type Tally, tally } from './comparison.ts';
import { isEraNeutral } from './era-neutral.ts';
import { startFixture } from './fixture/fixture.ts';
import { fixturePolicy } from './fixture-policy.ts';
import type { Era } from './policy-text.ts';
import { type Leg, REVISIONS, type Revision, requirements, type Standing } from './requirements.ts';
import { type Found, runClientScenario, runServerLeg } from './suite.ts';

/** What one run found in one scenario. */
export interface Run extends Tally {
  /** Passed, and for a run through the gateway with the same checks as the direct one. */
  readonly isSound: boolean;
  /** Why it is not sound, or how it differs, a line each. */
  readonly remarks: readonly string[];
}

export interface Row {
  readonly scenario: string;
  readonly standing: Standing;
  /**
   * `direct`: client and server meet without the gateway. `through`: it stands between them and speaks the scenario's era to
   * both. `across`: it speaks the other era to the server; only where the scenario is the same in both. None at all for
   * scenarios that need credentials.
   */
  readonly runs: Readonly<Partial<Record<Way, Run>>>;
}

export type Way = 'direct' | 'through' | 'across';
export const WAYS: readonly Way[] = ['direct', 'through', 'across'];

export interface Half {
  readonly leg: Leg;
  readonly revision: Revision;
  readonly rows: readonly Row[];
}

/** The runs of a scenario, in the order of the ways. */
export const runsOf = ({ runs }: Row): readonly (readonly [Way, Run])[] =>
  WAYS.flatMap((way) => (runs[way] === undefined ? [] : [[way, runs[way]] as const]));

/** What fails the judgement: every required scenario that is not sound in one of its runs, as one line. */
export function failures(halves: readonly Half[]): readonly string[] {
  return halves.flatMap(({ leg, revision, rows }) =>
    rows
      .filter((row) => row.standing === 'required')
      .flatMap((row) =>
        runsOf(row)
          .filter(([, run]) => !run.isSound)
          .map(([way, run]) => `${leg} ${revision} ${way} ${row.scenario}: ${run.remarks.join(' | ')}`),
      ),
  );
}

/** How many suites run at the same time. */
const AT_ONCE = 2;

/** Runs everything and says what it is at. Rejects where the fixture or a gateway does not start. */
export async function judge(progress: (line: string) => void): Promise<readonly Half[]> {
  const servers = await judgeServerLeg(progress);
  const clients = await judgeClientLeg(progress);
  return [...servers, ...clients];
}

const eraOf = (revision: Revision): Era => (revision === '2026-07-28' ? 'modern' : 'legacy');

async function judgeServerLeg(progress: (line: string) => void): Promise<readonly Half[]> {
  await using ended = new AsyncDisposableStack();
  const fixture = await startFixture();
  ended.defer(() => fixture.close());
  const gateway = async (era: Era): Promise<string> => {
    const started = await startGateway(fixturePolicy(fixture.url, era), { words: ['--anonymous'] });
    ended.defer(() => started.stop());
    return `http://localhost:${started.port}/mcp`;
  };
  const urls = { modern: await gateway('modern'), legacy: await gateway('legacy') };
  const urlOf = (way: Way, revision: Revision): string => {
    if (way === 'direct') return fixture.url;
    return (way === 'through') === (eraOf(revision) === 'modern') ? urls.modern : urls.legacy;
  };
  const legs = REVISIONS.flatMap((revision) => WAYS.map((way) => ({ revision, way })));
  const found = await mapAtOnce(legs, AT_ONCE, async ({ revision, way }) => ({
    revision,
    way,
    found: await runServerLeg(urlOf(way, revision), revision, (scenario) => progress(`${revision} ${way} ${scenario}`)),
  }));
  return REVISIONS.map((revision) => {
    const of = (way: Way) => found.find((leg) => leg.revision === revision && leg.way === way)?.found ?? new Map();
    return serverHalf(revision, of('direct'), of('through'), of('across'));
  });
}

type Findings = ReadonlyMap<string, Found>;
const NOTHING: Found = { checks: [], said: '' };

function serverHalf(revision: Revision, direct: Findings, through: Findings, across: Findings): Half {
  const rows = [...requirements(revision, 'server')].map(([scenario, standing]): Row => {
    const own = direct.get(scenario) ?? NOTHING;
    const runs = {
      direct: directRun(own),
      through: gatewayRun(own, through.get(scenario) ?? NOTHING),
      ...(isEraNeutral(scenario) ? { across: gatewayRun(own, across.get(scenario) ?? NOTHING) } : {}),
    };
    return { scenario, standing, runs };
  });
  return { leg: 'server', revision, rows };
}

function directRun({ checks, said }: Found): Run {
  const failed = checks.filter((check) => check.status === 'FAILURE');
  return {
    ...tally(checks),
    isSound: isPassed(checks),
    remarks: isPassed(checks) ? [] : [...failed.map((check) => `${check.id}${because([check])}`), ...lastLines(said)],
  };
}

function gatewayRun(direct: Found, { checks, said }: Found, compare = difference): Run {
  const remarks = compare(direct.checks, checks);
  const isSound = isPassed(checks) && remarks.length === 0;
  return { ...tally(checks), isSound, remarks: isSound ? [] : [...remarks, ...lastLines(said)] };
}

/** What a client that failed had to say. */
const lastLines = (said: string): readonly string[] => (said === '' ? [] : said.split('\n').slice(-4));

/** The suite wants a line for the shell. */
const DRIVER = [process.execPath, join(import.meta.dirname, 'driver.ts')].map((word) => JSON.stringify(word)).join(' ');

async function judgeClientLeg(progress: (line: string) => void): Promise<readonly Half[]> {
  const listed = REVISIONS.flatMap((revision) =>
    [...requirements(revision, 'client')].map(([scenario, standing]) => ({ revision, scenario, standing })),
  );
  const rows = await mapAtOnce(listed, AT_ONCE, async ({ revision, scenario, standing }) => {
    if (CLIENT_SCENARIOS[scenario]?.revisions.includes(revision) !== true)
      return { revision, scenario, standing, runs: {} };
    progress(`${revision} client ${scenario}`);
    const compare = CLIENT_SCENARIOS[scenario]?.shows === undefined ? difference : differenceInKind;
    const direct = await runClientScenario(scenario, `${DRIVER} direct`, revision);
    const through = await runClientScenario(scenario, `${DRIVER} through`, revision);
    return {
      revision,
      scenario,
      standing,
      runs: { direct: directRun(direct), through: gatewayRun(direct, through, compare) },
    };
  });
  return REVISIONS.map((revision) => ({
    leg: 'client',
    revision,
    rows: rows.filter((row) => row.revision === revision).map(({ revision: _, ...row }) => row),
  }));
}

/** The results in the order of the items; at most so many are under way at the same time. */
async function mapAtOnce<T, R>(items: readonly T[], limit: number, map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const work = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: limit }, work));
  return results;
}
