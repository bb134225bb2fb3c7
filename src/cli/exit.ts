/** How a command ends when it cannot do what it was asked. The numbers are those of sysexits(3). */
import { LedgerFault } from '../domain/ports.ts';
import { KeyFault } from '../identity/keys.ts';

export const EXIT = {
  /** What was asked for cannot be done as things stand: a hold that is answered already, a session that is over. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 64,
  /** A server program, or the gateway, is not there. */
  unavailable: 69,
  /** The ledger or a key cannot be read or written. */
  io: 74,
  /** No terminal, or no right to do this. */
  permission: 77,
  /** A policy or deployment file is wrong. */
  config: 78,
} as const;

/** Ends a command. Each problem becomes one line on standard error. */
export class Exit extends Error {
  readonly code: number;
  readonly problems: readonly string[];

  constructor(code: number, problems: readonly string[]) {
    super(problems.join('\n'));
    this.code = code;
    this.problems = problems;
  }
}

/** What every problem on standard error begins with. */
export const SAYS = 'tollgate: ';

/** Runs a command to its end; what it throws becomes lines and an exit code, never a stack trace. */
export async function runToExit(command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (fault) {
    const { code, problems } = exitOf(fault);
    for (const problem of problems) process.stderr.write(`${SAYS}${problem}\n`);
    process.exitCode = code;
  }
}

function exitOf(fault: unknown): Pick<Exit, 'code' | 'problems'> {
  if (fault instanceof Exit) return fault;
  if (fault instanceof LedgerFault || fault instanceof KeyFault) return { code: EXIT.io, problems: [fault.message] };
  if (isSystemFault(fault)) return { code: EXIT.io, problems: [`${fault.path} cannot be used: ${fault.message}`] };
  return {
    code: 70,
    problems: [`a fault of Tollgate itself: ${fault instanceof Error ? fault.message : String(fault)}`],
  };
}

/** A file or folder that the system would not give us: nobody's fault here, and the message says which and why. */
const isSystemFault = (fault: unknown): fault is NodeJS.ErrnoException & { readonly path: string } =>
  fault instanceof Error && 'syscall' in fault && 'path' in fault && typeof fault.path === 'string';
