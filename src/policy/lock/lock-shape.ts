/** The lock file's format, version 1. Every entry bears its pin, the whole a seal: what was edited by hand is noticed. */
import { z } from 'zod';
import { digestOf, type JsonValue } from '../../domain/json.ts';
import { packageShape } from './package-shape.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected a digest, sha256: and 64 hex digits');
const entry = z.strictObject({ pin: digest, entry: z.record(z.string(), z.unknown()) });
const entries = z.array(entry);

const server = z.strictObject({
  /**
   * A command or a package, its working folder and the names of its environment variables, or a URL: as the policy writes them. Members
   * in the order of RFC 8785.
   */
  reached: z
    .union([
      z.strictObject({
        command: z.array(z.string()).min(1),
        cwd: z.string().optional(),
        env: z.array(z.string()).optional(),
        era: z.string().optional(),
      }),
      z.strictObject({
        arguments: z.array(z.string()).optional(),
        cwd: z.string().optional(),
        env: z.array(z.string()).optional(),
        era: z.string().optional(),
        package: z.string(),
      }),
      z.strictObject({ era: z.string().optional(), url: z.string() }),
    ])
    .optional(),
  era: z.enum(['modern', 'legacy']).optional(),
  instructions: z.string().optional(),
  /** What was fetched of the package that runs. */
  package: packageShape.optional(),
  tools: entries,
  prompts: entries,
  templates: entries,
  /** Digests by URI. */
  pages: z.record(z.string(), digest),
});

export const lockShape = z.strictObject({
  version: z.literal(1),
  /** Over all servers. */
  seal: digest,
  servers: z.record(z.string(), server),
});

export type WrittenLock = z.infer<typeof lockShape>;
export type WrittenServer = z.infer<typeof server>;

/** The digest of all that a lock file says of its servers. */
export const sealOf = (servers: WrittenLock['servers']): string => digestOf(servers as unknown as JsonValue);

/** The file: one form whoever writes it, a line for each member, so that a change reads well in a version's diff. */
export const writtenText = (servers: WrittenLock['servers']): string =>
  `${JSON.stringify({ version: 1, seal: sealOf(servers), servers }, null, 2)}\n`;
