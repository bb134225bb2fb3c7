import { describe, expect, it } from 'vitest';
import { until } from '../support/downstream.ts';
import { FORBIDDEN } from '../support/servers/telling.ts';
import { openGateway, subscribe, subscribedAt, TELLING, tell, UPDATED } from '../support/subscriptions.ts';

const ACCEPTED = { outcome: 'ok', result: {} };

describe.each(TELLING)('a subscription at a %s server', (kind, serve) => {
  it('tells of its resource and of what is below it, and of nothing else', async () => {
    const { connect } = openGateway(await serve());
    const connection = await connect();
    const notes = subscribe(connection, 'note://a');
    const other = subscribe(connection, 'note://other');
    expect([await notes.outcome, await other.outcome]).toEqual([ACCEPTED, ACCEPTED]);
    for (const uri of ['note://b', 'note://ab', 'note://a/part', 'note://a']) await tell(connection, UPDATED(uri));
    await tell(connection, UPDATED('note://other'));
    await until(() => other.updates.length > 0);
    // The SDK's modern servers tell nobody of a part who asked for the whole.
    expect(notes.updates).toEqual(kind.startsWith('modern') ? ['note://a'] : ['note://a/part', 'note://a']);
    expect(other.updates).toEqual(['note://other']);
  });

  it('is one at the server for all who share it, and is taken back after the last', async () => {
    const { connect } = openGateway(await serve());
    const connection = await connect();
    const all = [1, 2, 3].map(() => subscribe(connection, 'note://a'));
    expect(await Promise.all(all.map(({ outcome }) => outcome))).toEqual([ACCEPTED, ACCEPTED, ACCEPTED]);
    expect(await tell(connection, UPDATED('note://a'))).toEqual(['note://a']);
    await until(() => all.every(({ updates }) => updates.length === 1));
    const [one, two, three] = all;
    one?.stop();
    two?.stop();
    await tell(connection, UPDATED('note://a'));
    await until(() => three?.updates.length === 2);
    expect([one, two].map((left) => left?.updates.length)).toEqual([1, 1]);
    three?.stop();
    await until(async () => (await subscribedAt(connection)).length === 0);
    await tell(connection, UPDATED('note://a'));
    expect(three?.updates).toHaveLength(2);
  });

  it('can be had again at once after the last has left', async () => {
    const { connect } = openGateway(await serve());
    const connection = await connect();
    for (let round = 0; round < 3; round++) {
      const one = subscribe(connection, 'note://a');
      expect(await one.outcome).toEqual(ACCEPTED);
      one.stop();
    }
    const last = subscribe(connection, 'note://a');
    expect(await last.outcome).toEqual(ACCEPTED);
    await tell(connection, UPDATED('note://a'));
    await until(() => last.updates.length > 0);
    expect(last.updates).toEqual(['note://a']);
  });

  it('is not shared with another session', async () => {
    const { connect } = openGateway(await serve());
    const [mine, yours] = [await connect('mine'), await connect('yours')];
    const one = subscribe(mine, 'note://a');
    const two = subscribe(yours, 'note://b');
    expect([await one.outcome, await two.outcome]).toEqual([ACCEPTED, ACCEPTED]);
    one.stop();
    await until(async () => !(await subscribedAt(mine)).includes('note://a'));
    await tell(yours, UPDATED('note://b'));
    await until(() => two.updates.length === 1);
    expect(one.updates).toEqual([]);
  });

  it('is not kept for a caller who left before the server answered', async () => {
    const { connect } = openGateway(await serve());
    const connection = await connect();
    const caller = new AbortController();
    const one = subscribe(connection, 'note://a', { cancelled: caller.signal });
    caller.abort();
    expect(await one.outcome).toMatchObject({ outcome: 'unknown' });
    await until(async () => (await subscribedAt(connection)).length === 0);
    await tell(connection, UPDATED('note://a'));
    expect(one.updates).toEqual([]);
  });

  it('is not made for a caller who has left already, nor after its deadline', async () => {
    const { connect } = openGateway(await serve());
    const connection = await connect();
    const gone = subscribe(connection, 'note://a', { cancelled: AbortSignal.abort() });
    const late = subscribe(connection, 'note://a', { within: 0 });
    expect(await gone.outcome).toMatchObject({ outcome: 'not_sent' });
    expect(await late.outcome).toMatchObject({ outcome: 'not_sent' });
    expect(await subscribedAt(connection)).toEqual([]);
  });
});

describe.each(TELLING.filter(([kind]) => kind.startsWith('legacy')))('a %s server', (_kind, serve) => {
  it('says itself which resource cannot be subscribed to', async () => {
    const { connect } = openGateway(await serve());
    const connection = await connect();
    expect(await subscribe(connection, FORBIDDEN).outcome).toMatchObject({ outcome: 'rpc_error', code: -32002 });
    expect(await subscribe(connection, 'note://a').outcome).toEqual(ACCEPTED);
  });
});
