/** The profile that a gateway last served under a name, out of the ledger: whether it runs now or not. */
import type { Profile } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import { printable } from '../domain/printable.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { PolicyBook } from '../policy/book.ts';
import { deploymentOf } from './deployment.ts';
import { EXIT, Exit } from './exit.ts';

/** Refuses with how the command ends. `config`: the deployment that names servers of the profile. */
export async function profileInForce(
  ledger: Ledger,
  name: string,
  config: string | undefined,
): Promise<Result<Profile, Exit>> {
  const [last] = (await ledger.accepted(name, '')).filter(({ profile }) => profile === name);
  if (last === undefined)
    return refuse(new Exit(EXIT.refused, [`no policy of the profile ${printable(name)} has been in force here`]));
  const { servers, issuers } = deploymentOf(config);
  const compiled = new PolicyBook(servers, issuers).compile(last.texts, undefined);
  if (compiled.ok) return ok(compiled.value);
  const hint = config === undefined ? ['where gateway.yaml names its servers, give it with --config'] : [];
  return refuse(new Exit(EXIT.config, [...compiled.error, ...hint]));
}
