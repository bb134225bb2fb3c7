/** A tool whose calls a person must approve, over a server that counts them; its gateway may be killed and started again. */
import { rmSync } from 'node:fs';
import type { Ledger } from '../../../src/domain/ports.ts';
import { homeOf } from '../../../src/home.ts';
import { until } from '../../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../../support/gateway.ts';
import { enrolPerson, visit } from '../../support/person.ts';
import { recordingServer } from '../../support/recording-server.ts';

/** As agents see it, and what it is called with. */
export const TOOL = 'rough__rough';
export const GIVEN = { do: 'echo', mark: 'once' };

export interface HeldStory {
  /** The one that runs now. */
  readonly gateway: () => RunningGateway;
  readonly folder: string;
  /** The id of the one call that waits for a person, once one does. */
  held(): Promise<string>;
  /** How many calls were ever held. */
  asked(): Promise<number>;
  approve(hold: string): Promise<void>;
  /** SIGKILL, and a new gateway at the same address. */
  restart(): Promise<void>;
  /** How often the tool ran. */
  ran(): number;
}

/** Everything in it ends with `ended`. */
export async function heldStory(ended: AsyncDisposableStack): Promise<HeldStory> {
  const folder = temporaryFolder();
  ended.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const person = await enrolPerson(homeOf(environmentOf(folder)));
  const server = recordingServer(folder);
  const policy = `version: 1
profile: held
who: local
servers: { rough: ${server.yaml} }
tools: { rough.rough: { effect: irreversible, approval: { reason: It cannot be undone. } } }
`;
  let gateway = await startGateway(policy, { folder });
  ended.defer(() => gateway.stop());
  const looked = async <T>(look: (ledger: Ledger) => Promise<T>): Promise<T> => {
    const ledger = await visit(gateway.home);
    try {
      return await look(ledger);
    } finally {
      await ledger.close();
    }
  };
  const open = () => looked((ledger) => ledger.holds({ open: true }, Date.now()));
  return {
    gateway: () => gateway,
    folder,
    held: async () => {
      await until(async () => (await open()).length > 0);
      const [hold, ...more] = await open();
      if (hold === undefined || more.length > 0) throw new Error('not exactly one call waits for a person');
      return hold.id;
    },
    asked: async () => (await looked((ledger) => ledger.holds({ open: false }, Date.now()))).length,
    approve: (id) =>
      looked(async (ledger) => {
        const hold = await ledger.hold(id, Date.now());
        if (hold === undefined) throw new Error(`there is no hold ${id}`);
        const decided = await ledger.decide(id, person.sign(ledger, hold, 'approve'));
        if (!decided.ok) throw new Error(decided.error);
      }),
    restart: async () => {
      await gateway.kill();
      gateway = await startGateway(policy, { folder, words: ['--port', String(gateway.port)] });
    },
    ran: () => server.calls().filter(({ mark }) => mark === GIVEN.mark).length,
  };
}
