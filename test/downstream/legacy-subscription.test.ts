import { describe, expect, it } from 'vitest';
import type { Reply } from '../../src/downstream/links/channel.ts';
import { subscribeLegacy } from '../../src/downstream/links/legacy-subscription.ts';
import { Notices, UPDATED } from '../../src/downstream/links/notices.ts';

const URI = 'note://a';

/** A subscription whose server answers `reply`; what was asked of it, and what it told. */
function subscribing(reply: Reply) {
  const notices = new Notices(() => undefined);
  const asked: string[] = [];
  const updates: string[] = [];
  const enough = new AbortController();
  const lost = new AbortController();
  const request = async ({ method }: { method: string }): Promise<Reply> => {
    asked.push(method);
    return reply;
  };
  const ended = subscribeLegacy(
    { notices, request, lost: [lost.signal] },
    { uri: URI, signal: enough.signal, stands: () => undefined, updated: (uri) => void updates.push(uri) },
  );
  return { ended, asked, updates, enough, lost, tell: () => notices.receive(UPDATED, { uri: URI }) };
}

describe('a subscription at a legacy server', () => {
  it('hears nothing more once it is over', async () => {
    const { ended, asked, updates, enough, tell } = subscribing({ kind: 'result', result: {} });
    tell();
    enough.abort();
    await ended;
    tell();
    expect([asked, updates]).toEqual([['resources/subscribe'], [URI]]);
  });

  it('hears nothing more once its connection was lost', async () => {
    const { ended, asked, updates, lost, tell } = subscribing({ kind: 'result', result: {} });
    lost.abort();
    expect(await ended).toMatchObject({ kind: 'lost', sent: true });
    tell();
    expect([asked, updates]).toEqual([['resources/subscribe'], []]);
  });

  it('hears nothing where the server refused it', async () => {
    const refused: Reply = { kind: 'refused', status: 400 };
    const { ended, asked, updates, tell } = subscribing(refused);
    expect(await ended).toEqual(refused);
    tell();
    expect([asked, updates]).toEqual([['resources/subscribe'], []]);
  });
});
