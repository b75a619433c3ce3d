/**
 * Trying devices, which in a page are none: networks run in WebAssembly. Stands in for
 * `lib/platform/isolated_call.ts`.
 */

import type { IsolatedResult } from "../../platform/isolated_call.ts";

export type { IsolatedResult };

/** Returns why no other device than the processor can be used. */
export function callIsolated<T>(): Promise<IsolatedResult<T>> {
  return Promise.resolve({
    errors: "in a page, networks run on the processor",
    code: 1,
    signal: null,
  });
}
