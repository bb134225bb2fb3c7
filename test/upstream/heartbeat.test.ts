import { expect, test, vi } from 'vitest';
import { HEARTBEAT } from '../../src/wire/patience.ts';

test('each open answer beats, in whatever order others end, and one that has ended never does', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
  const { beginBeating, endBeating } = await import('../../src/upstream/heartbeat.ts');
  const beats = new Map<string, number>();
  const [first, second, third, fourth] = ['first', 'second', 'third', 'fourth'].map(
    (name) => () => void beats.set(name, (beats.get(name) ?? 0) + 1),
  );
  if (!first || !second || !third || !fourth) throw new Error('unreachable');
  for (const beat of [first, second, third, fourth]) beginBeating(beat);
  endBeating(first);
  endBeating(third);
  endBeating(first); // once more is without effect
  vi.advanceTimersByTime(HEARTBEAT * 0.7);
  expect(beats.size).toBe(0);
  vi.advanceTimersByTime(HEARTBEAT * 0.3);
  expect([...beats]).toEqual([
    ['fourth', 1],
    ['second', 1],
  ]);
  endBeating(fourth);
  vi.advanceTimersByTime(HEARTBEAT);
  expect(beats.get('fourth')).toBe(1);
  expect(beats.get('second')).toBeGreaterThan(1);
  vi.useRealTimers();
});
