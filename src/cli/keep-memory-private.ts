/** Keeps what this process holds in memory out of cores, diagnostic reports and debuggers that are opened by signal. */
import { writeFileSync } from 'node:fs';

export function keepMemoryPrivate(report: (line: string) => void): void {
  // Whoever hears the signal keeps Node from opening its debugger, which listens on loopback for anyone.
  process.on('SIGUSR1', () => report('SIGUSR1 is ignored: it opens no debugger here'));
  process.report.excludeEnv = true;
  if (process.platform !== 'linux') return;
  try {
    // No kind of memory is written to a core (core(5)); processes started from here inherit it.
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch (fault) {
    report(`a core of this process would hold secrets: ${fault instanceof Error ? fault.message : String(fault)}`);
  }
}
