/** `tollgate open`: where a person looks with a browser. */
import { homeOf } from '../home.ts';
import { EXIT, Exit } from './exit.ts';
import { greetGateway } from './gateway-socket.ts';

/** Prints a link that lets look, once and within two minutes; where the deployment has people sign in, that page. */
export async function openPage(): Promise<void> {
  const greeted = await greetGateway(homeOf(process.env), { as: 'person' });
  greeted?.socket.destroy();
  if (greeted === undefined) throw new Exit(EXIT.unavailable, ['no gateway runs here: start it (tollgate serve)']);
  const { welcome } = greeted;
  if (!welcome.ok) throw new Exit(EXIT.refused, [welcome.problem]);
  process.stdout.write(`${welcome.url}\n`);
}
