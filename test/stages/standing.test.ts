/** A gateway that others may have taken for dead: what it committed may be settled already, so nothing more is sent for it. */
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Committed } from '../../src/domain/call.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { lineTo, openPath, presented, receivedOf } from '../support/path.ts';
import { recordingServer } from '../support/recording-server.ts';
import { holdingPath } from './holding-path.ts';

test('what was committed before it is not sent, and is said and recorded to be so', async () => {
  const path = await holdingPath();
  const fallen = { replica: 'r_1', holds: () => false };
  const stages: typeof path.stages = {
    ...path.stages,
    exchange: (call: Committed, ask) => path.stages.exchange({ ...call, standing: fallen }, ask),
  };
  const answer = await presented(stages, receivedOf('rough__rough', { do: 'echo' }, Date.now()));
  expect(answer.outcome).toMatchObject({ outcome: 'not_sent', why: expect.stringContaining('taken it for dead') });
  expect(path.server.calls()).toEqual([]);
  expect((await path.journal()).at(-1)).toMatchObject({ kind: 'outcome', body: { outcome: 'not_sent' } });
});

test('an answer that comes after it is not handed to the server that asked', async () => {
  const folder = temporaryFolder();
  const server = recordingServer(folder, 'asking-stdio.ts', {}, ['legacy']);
  const path = await openPath(
    folder,
    `version: 1
profile: asked
who: local
servers: { asking: ${server.yaml.slice(0, -1)}, asks: { roots: true } } }
tools: { asking.ask: { effect: write } }
`,
  );
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let holds = true;
  const standing = { replica: 'r_1', holds: () => holds };
  const stages: typeof path.stages = {
    ...path.stages,
    exchange: (call: Committed, ask) => path.stages.exchange({ ...call, standing }, ask),
  };
  const line = lineTo(new AbortController().signal, {
    ask: async () => {
      holds = false;
      return { ok: true, result: { roots: [{ uri: 'file:///canary' }] } };
    },
  });
  const received = receivedOf('asking__ask', { rounds: [[{ method: 'roots/list' }]] }, Date.now());
  await presented(stages, { ...received, line, abilities: { ...NO_ABILITIES, roots: true } });
  expect(JSON.stringify(server.received())).toContain('taken it for dead');
  expect(JSON.stringify(server.received())).not.toContain('canary');
});
