/** Protocol revisions, newest first, and which era each belongs to. */
export const MODERN = '2026-07-28';
export const LEGACY_REVISIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;
export const NEWEST_LEGACY = LEGACY_REVISIONS[0];

export type Era = 'modern' | 'legacy';

export const isLegacyRevision = (revision: unknown): revision is (typeof LEGACY_REVISIONS)[number] =>
  (LEGACY_REVISIONS as readonly unknown[]).includes(revision);
