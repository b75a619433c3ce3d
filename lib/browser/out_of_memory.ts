/** Recognises what browsers and WebAssembly report when memory is missing. */

/**
 * Whether a message says that memory is missing. Browsers have no class of error for it: V8 and
 * SpiderMonkey name the array, WebAssembly its memory, and C++ the exception.
 */
export function isOutOfMemory(message: string): boolean {
  return /allocation failed|out of memory|Invalid (typed )?array length|could not allocate|bad_alloc/i
    .test(message);
}
