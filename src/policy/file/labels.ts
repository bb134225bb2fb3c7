/** Labels as a policy names them: `private`, `untrusted`, or the operator's own. */
import { z } from 'zod';
import { joined, WORST_LABELS } from '../../domain/label.ts';

const label = z
  .string()
  .regex(/^[a-z][a-z0-9_-]*$/, 'expected a label: lower-case letters, digits, "-" and "_", a letter first');

/** A list of labels, each once; kept in one order, so that the order in the file means nothing. */
export const labels = z
  .array(label)
  .superRefine((names, context) => {
    for (const [at, name] of names.entries())
      if (names.indexOf(name) < at)
        context.addIssue({ code: 'custom', path: [at], message: `"${name}" is listed twice` });
  })
  .transform((names) => joined(names, []));

/** Labels that have a meaning of their own, so that a word near to one of them is a slip. */
export const KNOWN_LABELS: ReadonlySet<string> = new Set(WORST_LABELS);
