import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { homeOf } from '../home.ts';

/** Where the gateway of this home has the folders of sessions; whether they are there is another matter. */
export function sessionFolders(): (session: string) => string {
  const { sessions } = homeOf(process.env);
  const root = existsSync(sessions) ? realpathSync(sessions) : sessions;
  return (session) => join(root, session);
}
