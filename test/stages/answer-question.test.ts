import { expect, test } from 'vitest';
import { holdingPath } from './holding-path.ts';

test.each(['elicitation/create', 'sampling/createMessage', 'roots/list'])(
  'a server that asks for %s during a call is refused and journalled, without what it asked, and the call goes on',
  async (method) => {
    const path = await holdingPath();
    const { id, said } = await path.call('rough__rough', { do: 'ask', method });
    expect(JSON.parse(said)).toMatchObject({
      id: 'q1',
      error: { code: -32601, message: 'the policy allows rough to ask nothing of the client' },
    });
    const entries = (await path.journal()).filter((entry) => entry.call === id);
    expect(entries.map((entry) => entry.kind)).toEqual(['intent', 'asked', 'outcome']);
    expect(entries[1]?.body).toEqual({
      server: 'rough',
      method,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      answer: 'refused',
      why: 'the policy allows rough to ask nothing of the client',
    });
    expect(JSON.stringify(entries)).not.toContain('May I?');
  },
);
