/** What is to be told now, and when to look again. Pure. */
import type { Awaiting, Told } from '../domain/notification.ts';
import type { Receiver } from './receiver.ts';

/** On silence, so many times and then no more. */
const MOST_REMINDERS = 3;

/** Milliseconds before the second try and those after it; the last of them counts for all that follow. */
const WAITS = [1_000, 5_000, 15_000, 60_000];
const MOST_TRIES = 9;

export interface Due {
  readonly awaiting: Awaiting;
  readonly round: number;
}

/** Of one receiver. `next`: when something will be due, milliseconds since the epoch; undefined: of all this nothing. */
export interface Duties {
  readonly due: readonly Due[];
  readonly next: number | undefined;
}

/**
 * In the order in which it became due. What was begun comes first, and holds up all else until it is told or given up.
 * `elsewhere` says until when something is left to a replica that tries it.
 */
export function dutiesOf(
  receiver: Pick<Receiver, 'occasions' | 'after' | 'remind' | 'concerns'>,
  waiting: readonly Awaiting[],
  toldOf: (awaiting: Awaiting) => Told | undefined,
  elsewhere: (awaiting: Awaiting) => number | undefined,
  at: number,
): Duties {
  const all = waiting
    .filter((one) => receiver.occasions.includes(one.occasion) && receiver.concerns(one))
    .flatMap((awaiting) => {
      const told = toldOf(awaiting);
      const time = dueAt(receiver, awaiting, told);
      const isTooLate = time === undefined || (awaiting.until !== undefined && time >= awaiting.until);
      return isTooLate ? [] : [{ awaiting, told, time, round: roundOf(told) }];
    })
    .toSorted((one, other) => Number(isBegun(other.told)) - Number(isBegun(one.told)) || one.time - other.time);
  const held = all.flatMap(({ awaiting, told, time }) =>
    told?.state === 'failed' && time > at ? [time] : [elsewhere(awaiting) ?? 0].filter((until) => until > at),
  );
  if (held.length > 0) return { due: [], next: Math.min(...held) };
  const due = all.filter(({ time }) => time <= at);
  return { due, next: all.find(({ time }) => time > at)?.time };
}

function dueAt(
  { after, remind }: Pick<Receiver, 'after' | 'remind'>,
  awaiting: Awaiting,
  told: Told | undefined,
): number | undefined {
  if (told === undefined) return awaiting.since + after;
  if (told.state === 'trying') return told.at;
  if (told.state === 'failed') return told.again ?? told.at;
  return remind === undefined || told.round >= MOST_REMINDERS ? undefined : told.at + remind;
}

const roundOf = (told: Told | undefined): number =>
  told === undefined ? 0 : isBegun(told) ? told.round : told.round + 1;

const isBegun = (told: Told | undefined): boolean => told?.state === 'trying' || told?.state === 'failed';

/** Milliseconds until a message that failed `tries` times is tried again; undefined: no more. `random` is from 0 to 1. */
export function waitAfter(tries: number, random: number): number | undefined {
  if (tries >= MOST_TRIES) return undefined;
  const wait = WAITS[Math.min(tries, WAITS.length) - 1] ?? 0;
  return Math.round(wait * (0.8 + 0.4 * random));
}
