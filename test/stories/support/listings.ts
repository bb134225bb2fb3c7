/** What the command line lists of a deployment, read as a script would. */
import * as z from 'zod';
import type { Deployment, Ran } from './deployment.ts';

const listedHolds = z.array(z.object({ id: z.string() }));
const listedSessions = z.array(
  z.object({
    session: z.object({ id: z.string(), folder: z.string().optional() }),
    used: z.record(z.string(), z.number()),
  }),
);

/** What a command wrote; throws where it failed. */
export function outputOf({ code, output, errors }: Ran): string {
  if (code !== 0) throw new Error(`a command ended with exit code ${code}: ${errors.trim()}`);
  return output;
}

/** The ids of the holds that are open. */
export async function openHolds(deployment: Deployment): Promise<readonly string[]> {
  const holds = JSON.parse(outputOf(await deployment.run('holds', '--json')));
  return listedHolds.parse(holds).map((hold) => hold.id);
}

/** The id of the one hold that is open; throws where there is none, or more. */
export async function onlyHold(deployment: Deployment): Promise<string> {
  const [only, ...more] = await openHolds(deployment);
  if (only === undefined || more.length > 0) throw new Error('not exactly one call waits for a person');
  return only;
}

/** All sessions of a deployment. */
export async function sessionsOf(deployment: Deployment): Promise<z.infer<typeof listedSessions>> {
  return listedSessions.parse(JSON.parse(outputOf(await deployment.run('sessions', '--json'))));
}

/** The id of the one session of a working folder, or of the agents on HTTP; throws where there is none, or more. */
export async function sessionIn(deployment: Deployment, folder: string | undefined): Promise<string> {
  const [only, ...more] = (await sessionsOf(deployment)).filter(({ session }) => session.folder === folder);
  if (only === undefined || more.length > 0) throw new Error(`there is not exactly one session of ${folder ?? 'HTTP'}`);
  return only.session.id;
}
