/** Shows how far the notebooks' own work is. */

import { inNotebook, interruptible, LiveProgress } from "nnunet/notebook";

/** Options of work that a notebook shows. */
interface Progress {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** In a notebook, shows work that is not done already as a bar, and lets the stop button end it. */
export async function withBar<T>(
  title: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  if (!inNotebook()) return await work({});
  const bar = new LiveProgress(title);
  let begun = false;
  const onProgress = (done: number, total: number) => {
    begun ||= done < total;
    if (begun) bar.count(done, total);
  };
  try {
    return await work({ signal: interruptible(), onProgress });
  } finally {
    await bar.flush();
  }
}
