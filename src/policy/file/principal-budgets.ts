/** The `budgets.principal` part of a policy: what all sessions of one principal may use together. */
import { z } from 'zod';
import type { Problem, YamlDocument } from '../../document/document.ts';
import { kindOf, notYet, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { LOOP_KINDS, type PrincipalCap, SESSIONS } from '../../domain/budget.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import { className } from './target-shape.ts';

export interface PrincipalBudgets {
  readonly principalCaps: readonly PrincipalCap[];
  readonly mostSessions: number | undefined;
}

export const NO_PRINCIPAL_BUDGETS: PrincipalBudgets = { principalCaps: [], mostSessions: undefined };

const PATH = ['budgets', 'principal'];
/** Counted for a session only. */
const OF_A_SESSION: readonly string[] = ['runtime', 'spend', ...LOOP_KINDS];

const WINDOWS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 24 * 3_600_000 };
const RATE = 'expected so many in a window, such as 60/minute, 100/hour or 2000/day';

/** Text like `2000/day`. */
export const rate = z
  .union([z.string(), z.number()], { error: RATE })
  .transform((written, context) => {
    const [, most, window = ''] = /^([0-9]{1,9})\/([a-z]+)$/.exec(String(written)) ?? [];
    const within = WINDOWS[window];
    if (most !== undefined && Number(most) > 0 && within !== undefined) return { most: Number(most), within };
    context.addIssue(`${RATE}, found ${kindOf(written)}${didYouMean(window, Object.keys(WINDOWS))}`);
    return z.NEVER;
  })
  .meta({ type: 'string', pattern: '^[0-9]{1,9}/(minute|hour|day)$' });

export const sessionsCap = z.int().min(1);

/** `charged`: the kinds that calls charge; undefined where that is not known. */
export function readPrincipalBudgets(
  document: YamlDocument,
  part: JsonValue | undefined,
  charged: ReadonlySet<string> | undefined,
  found: Problem[],
): PrincipalBudgets {
  if (!isObject(part)) return NO_PRINCIPAL_BUDGETS;
  const caps: PrincipalCap[] = [];
  let mostSessions: number | undefined;
  if (Object.keys(part).length === 0) found.push(document.keyProblem(PATH, 'unused: it limits nothing'));
  for (const [kind, value] of Object.entries(part)) {
    const path = [...PATH, kind];
    if (kind === SESSIONS) {
      mostSessions = readPart(document, path, value, sessionsCap, found);
      continue;
    }
    const problem = kind === 'calls' ? undefined : kindProblem(kind, charged);
    if (problem !== undefined) found.push(document.keyProblem(path, problem));
    const read = problem === undefined ? readPart(document, path, value, rate, found) : undefined;
    if (read !== undefined) caps.push({ kind, ...read });
  }
  return { principalCaps: caps, mostSessions };
}

function kindProblem(kind: string, charged: ReadonlySet<string> | undefined): string | undefined {
  if (OF_A_SESSION.includes(kind)) return notYet(`"${kind}" of a principal`);
  const name = className.safeParse(kind);
  if (!name.success) return name.error.issues[0]?.message ?? 'this name is not accepted';
  if (charged === undefined || charged.has(kind)) return undefined;
  return `unused: nothing charges "${kind}"${didYouMean(kind, ['calls', SESSIONS, ...charged])}`;
}
