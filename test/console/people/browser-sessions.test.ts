import { expect, test } from 'vitest';
import { BrowserSessions, IDLE, LONGEST, SIGN_IN_WITHIN } from '../../../src/console/people/browser-sessions.ts';
import { LINK_LIVES, Links } from '../../../src/console/people/links.ts';
import { rarely } from '../../../src/console/people/rarely.ts';
import { personCaller } from '../../../src/domain/principal.ts';

const ADA = { ...personCaller('ada'), person: { roles: [], looksOnly: false } };

function opened() {
  let at = 1_000_000;
  const sessions = new BrowserSessions(() => at);
  return { sessions, pass: (milliseconds: number) => (at += milliseconds), links: new Links(() => at) };
}

test('a session ends when it was idle, and at last however busy it is', () => {
  const { sessions, pass } = opened();
  const idle = sessions.open(ADA, undefined);
  pass(IDLE - 1);
  expect(sessions.find(idle)?.caller).toBe(ADA);
  pass(IDLE);
  expect(sessions.find(idle)).toBeUndefined();
  const busy = sessions.open(ADA, undefined);
  const steps = LONGEST / (IDLE / 2);
  for (let step = 1; step < steps; step++) {
    pass(IDLE / 2);
    expect(sessions.find(busy)).toBeDefined();
  }
  pass(IDLE / 2);
  expect(sessions.find(busy)).toBeUndefined();
});

test('a login of somebody else in the same browser ends the one before', () => {
  const { sessions } = opened();
  const first = sessions.open(ADA, undefined);
  const second = sessions.open(ADA, first);
  expect([sessions.find(first), sessions.find(second)?.caller]).toEqual([undefined, ADA]);
  expect(second).not.toBe(first);
});

test('what a page asks for by itself keeps nobody signed in', () => {
  const { sessions, pass } = opened();
  const id = sessions.open(ADA, undefined);
  pass(IDLE - 1);
  expect(sessions.peek(id)?.caller).toEqual(ADA);
  pass(1);
  expect(sessions.peek(id)).toBeUndefined();
});

test('whatever ends a session tells those who follow it', () => {
  const { sessions, pass } = opened();
  const ids = [sessions.open(ADA, undefined), sessions.open(ADA, undefined), sessions.open(ADA, undefined)] as const;
  const signals = ids.map((id) => sessions.find(id)?.over);
  const over = () => signals.map((one) => one?.aborted);
  expect(over()).toEqual([false, false, false]);
  sessions.end(ids[0]);
  expect(over()).toEqual([true, false, false]);
  sessions.open(ADA, ids[1]);
  expect(over()).toEqual([true, true, false]);
  pass(IDLE);
  sessions.find(ids[2]);
  expect(over()).toEqual([true, true, true]);
});

test('a login is resumed once, and in time', () => {
  const { sessions, pass } = opened();
  const underWay = { state: 's', nonce: 'n', verifier: 'v', to: '/' };
  const id = sessions.begin(underWay);
  expect([sessions.resume(id), sessions.resume(id)]).toEqual([underWay, undefined]);
  const late = sessions.begin(underWay);
  pass(SIGN_IN_WITHIN);
  expect(sessions.resume(late)).toBeUndefined();
  expect(sessions.find(sessions.begin(underWay))).toBeUndefined();
});

test('a link is followed once, and for two minutes', () => {
  const { links, pass } = opened();
  const code = (): string => links.make().replace('/open/', '');
  const [first, late, last] = [code(), code(), code()];
  expect(first).toMatch(/^[\w-]{43}$/);
  expect([links.follow(first), links.follow(first), links.follow('x')]).toEqual([true, false, false]);
  pass(LINK_LIVES - 1);
  expect(links.follow(last)).toBe(true);
  pass(1);
  expect([LINK_LIVES, links.follow(late)]).toEqual([120_000, false]);
});

test('the operator is told the same line once a minute, and not ever new ones without end', () => {
  let at = 0;
  const lines: string[] = [];
  const report = rarely(
    (line) => lines.push(line),
    () => at,
  );
  for (let time = 0; time < 3; time++) report('a');
  for (let count = 0; count < 100; count++) report(`line ${count}`);
  expect([lines.filter((line) => line === 'a').length, lines.length]).toEqual([1, 20]);
  at = 60_000;
  report('a');
  expect(lines.at(-1)).toBe('a');
});
