/** The libraries for CUDA in a page: none. Stands in for `lib/platform/cuda_libraries.ts`. */

/** Returns a name for what is missing. */
export function missingProviderLibraries(): string[] {
  return ["CUDA"];
}
