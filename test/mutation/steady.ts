/** Properties look at the same values in every run: else a mutant would be noticed in one run and not in the next. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_122 });
