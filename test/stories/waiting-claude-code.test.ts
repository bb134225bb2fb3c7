/** Claude Code that gives up on a held call: the gateway is killed, a person approves, and its next run continues the call. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { CLAUDE, runClaude } from '../support/claude-code.ts';
import { type RunningGateway, TOLLGATE } from '../support/gateway.ts';
import { type ReadByModel, scriptedModel, type Turn } from '../support/scripted-model.ts';
import { endedWithTest } from './support/ended.ts';
import { GIVEN, type HeldStory, heldStory, TOOL } from './support/held-story.ts';

const NEEDS = 'needs Claude Code: name its program in TOLLGATE_CLAUDE, or have claude on the PATH';
if (CLAUDE === undefined) console.log(`skipped: test/stories/waiting-claude-code.test.ts ${NEEDS}`);

/** How long it bears one call, in milliseconds: as its configuration says. */
const IMPATIENT = 3_000;

type Way = (gateway: RunningGateway) => JsonObject;
const WAYS: readonly (readonly [name: string, way: Way])[] = [
  ['over HTTP', ({ url, token }) => ({ type: 'http', url, headers: { Authorization: `Bearer ${token}` } })],
  [
    'over stdio',
    ({ policy, home }) => ({
      type: 'stdio',
      command: process.execPath,
      args: [TOLLGATE, 'stdio', '--policy', policy],
      env: { TOLLGATE_HOME: home.folder },
    }),
  ],
];

/** Runs it once, in the folder of the story; what the model read of each tool. */
async function play(story: HeldStory, server: JsonObject, script: readonly Turn[]): Promise<readonly ReadByModel[]> {
  const model = await scriptedModel(script);
  try {
    const folder = join(story.folder, 'claude');
    mkdirSync(folder, { recursive: true });
    await runClaude(CLAUDE ?? '', { model, server, folder });
    return model.answers();
  } finally {
    await model.close();
  }
}

describe.skipIf(CLAUDE === undefined)(`Claude Code (${NEEDS})`, () => {
  test.each(WAYS)(
    '%s gives up, and its next run continues what was approved meanwhile: it runs once',
    { timeout: 240_000 },
    async (_, way) => {
      const story = await heldStory(endedWithTest());
      const call: Turn = { calls: `mcp__tollgate__${TOOL}`, with: GIVEN };
      const gaveUp = play(story, { ...way(story.gateway()), timeout: IMPATIENT }, [call, { says: 'I gave up.' }]);
      const hold = await story.held();
      const [first] = await gaveUp;
      expect(first?.isError).toBe(true);
      expect(story.ran()).toBe(0);
      await story.restart();
      await story.approve(hold);
      expect(story.ran()).toBe(0);

      const go: Turn = { calls: 'mcp__tollgate__tollgate__continue', with: { hold } };
      const [second] = await play(story, way(story.gateway()), [go, { says: 'Done.' }]);
      expect(second).toMatchObject({ isError: false });
      expect(second?.text).not.toMatch(/HELD|RECORDED/);
      expect([story.ran(), await story.asked()]).toEqual([1, 1]);
    },
  );
});
