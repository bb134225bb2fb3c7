import { callFeatures } from './calls.ts';
import { changeFeatures } from './changes.ts';
import { contentFeatures } from './contents.ts';
import { eraFeatures } from './eras.ts';
import type { Feature } from './feature.ts';
import { questionFeatures } from './questions.ts';
import { toolFeatures } from './tools.ts';

/** In the order of the table. */
export const FEATURES: readonly Feature[] = [
  ...toolFeatures,
  ...contentFeatures,
  ...callFeatures,
  ...questionFeatures,
  ...changeFeatures,
  ...eraFeatures,
];
