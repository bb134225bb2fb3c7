import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import { connect, folder, open, served } from '../support/catalog.ts';
import { ALL_ABILITIES, exchangeOf, stdioServer } from '../support/downstream.ts';
import { FOUR_CELLS, saidIn } from '../support/four-cells.ts';
import { serveModernHttp } from '../support/servers/modern-http.ts';

const FORM: Abilities = { ...NO_ABILITIES, elicitation: ['form'] };

describe.each(FOUR_CELLS)('a real %s server', (_cell, serve) => {
  it('learns what the client can be asked, and of nobody else', async () => {
    const { downstream } = open(await serve());
    const learnt = async (session: string, abilities: Abilities) => {
      const connection = await connect(downstream, session, abilities);
      return saidIn(await connection.call(exchangeOf('abilities', '{}', { abilities })));
    };
    expect(await learnt('one', ALL_ABILITIES)).toEqual({
      elicitation: { form: {}, url: {} },
      sampling: { tools: {} },
      roots: {},
    });
    expect(await learnt('two', FORM)).toEqual({ elicitation: { form: {} } });
    expect(await learnt('three', NO_ABILITIES)).toEqual({});
    expect(await learnt('one', FORM)).toEqual({ elicitation: { form: {} } });
  });
});

describe('the connection of a session', () => {
  it('is another one of a legacy server for other abilities, and the same for the same', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', [], { RECORD: record }));
    const starts = () =>
      existsSync(record)
        ? readFileSync(record, 'utf8')
            .split('\n')
            .filter((line) => line.includes('"initialize"'))
            .map((line) => JSON.parse(line).params.capabilities)
        : [];
    // The one that only lists has told the server of no abilities, so a client that has some cannot take it over.
    const asked = await connect(downstream, 'one', FORM);
    expect(starts()).toEqual([{}, { elicitation: { form: {} } }]);
    expect(await connect(downstream, 'one', { ...NO_ABILITIES, elicitation: ['form'] })).toBe(asked);
    expect(starts()).toHaveLength(2);
    // A client without any can.
    expect(await connect(downstream, 'one', { ...NO_ABILITIES, elicitation: [] })).not.toBe(asked);
    expect(starts()).toHaveLength(2);
    await connect(downstream, 'one', { ...FORM, ui: { mimeTypes: ['text/html'] } });
    expect(starts().at(-1)).toEqual({
      elicitation: { form: {} },
      extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } },
    });
  });

  it('is one of a modern server, whatever the abilities, and the spare process is its first', async () => {
    const record = join(folder(), 'record');
    const { downstream } = open(stdioServer('rough-stdio.ts', ['modern'], { RECORD: record }));
    const connection = await connect(downstream, 'one', ALL_ABILITIES);
    expect(await connect(downstream, 'one', FORM)).toBe(connection);
    expect(await connect(downstream, 'one')).toBe(connection);
    const starts = readFileSync(record, 'utf8')
      .split('\n')
      .filter((line) => line.includes('server/discover'));
    expect(starts).toHaveLength(1);
    const { downstream: http } = open(served(await serveModernHttp()));
    expect(await connect(http, 'one', ALL_ABILITIES)).toBe(await connect(http, 'one'));
  });
});
