/** The shape of `shows`: how what an argument only points at is read for whoever is asked. */
import { z } from 'zod';
import { described, mapping } from '../../document/mapping.ts';
import { compared } from '../history/history-shape.ts';

export const shows = mapping(
  described(
    {
      tool: z.string().min(1),
      arguments: z.record(z.string(), z.union([compared, z.number(), z.boolean()])).optional(),
    },
    {
      tool: 'What reads it: server.tool, of the effect read.',
      arguments: 'By argument of that tool, a value or an argument of this call.',
    },
  ),
).transform(({ tool, arguments: given = {} }) => ({ tool, arguments: given }));

export type ShowsPart = z.infer<typeof shows>;
