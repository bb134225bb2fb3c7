/** A path whose tool `rough__other` and resources a person must approve, with such a person enrolled. */
import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { homeOf } from '../../src/home.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { type OpenPath, openPath, type PathOptions, type Presented } from '../support/path.ts';
import { enrolPerson, type Person } from '../support/person.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

export interface HoldingPath extends OpenPath {
  readonly folder: string;
  readonly person: Person;
  readonly server: RecordingServer;
}

/** `rules` are more keys of the held tool, in YAML's flow style. */
export const holdingPolicy = (server: RecordingServer, rules = ''): string => `version: 1
profile: holding
who: local
servers: { rough: ${server.yaml} }
tools:
  rough.rough: { effect: read }
  rough.other: { effect: irreversible, approval: { reason: Somebody should look. }${rules} }
resources: [{ server: rough, uri: "rough://*", approval: {} }]
`;

/** Closed when the test ends. */
export async function holdingPath(options: PathOptions = {}): Promise<HoldingPath> {
  const folder = temporaryFolder();
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const server = recordingServer(folder, 'rough-stdio.ts', {}, ['resources']);
  const path = await openPath(folder, holdingPolicy(server), options);
  onTestFinished(async () => {
    await path.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { ...path, folder, person, server };
}

/** The hold that this call was refused for. */
export function holdOf({ refusal, said }: Presented): string {
  if (refusal?.reason !== 'held') throw new Error(`the call was not held, but: ${said}`);
  return refusal.hold.id;
}
