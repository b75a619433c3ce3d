/** The script of a page whose segmenter thresholds the first channel after a while. */

import { startPage } from "../../../lib/browser/model_page/model_page.ts";
import type { PageElement } from "../../../lib/browser/model_page/page_element.ts";
import { sizeOf } from "../../../lib/array/nd_array.ts";
import type { PageFacts, Segmenter } from "../../../lib/browser/segmenter.ts";
import type { FakeModel } from "./fake_page.ts";

const page = globalThis as unknown as {
  readonly document: { getElementById(id: string): PageElement | null };
};
const contentOf = (id: string) => page.document.getElementById(id)?.textContent;
const { facts, milliseconds, thresholds, memoryLimit, openError, niivueAddress }: FakeModel = JSON
  .parse(contentOf("facts")!);

const segmenter: Segmenter = {
  facts,
  need: ({ shape }) =>
    Promise.resolve({ bytes: 100 * sizeOf(shape), limit: memoryLimit ?? Infinity }),
  device: () => Promise.resolve({ device: "cpu", why: "Networks run on the processor: a test." }),
  close() {},
  async segment({ geometry, data }, { signal, onProgress } = {}) {
    const steps = 20;
    for (let step = 0; step < steps; step++) {
      onProgress?.({
        share: step / steps,
        secondsLeft: (steps - step) / steps * milliseconds / 1000,
        what: "Segmenting",
      });
      await new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        signal?.addEventListener("abort", () => reject(signal.reason));
        setTimeout(resolve, milliseconds / steps);
      });
    }
    const size = sizeOf(geometry.shape);
    const labels = Uint8Array.from(
      data.subarray(0, size),
      (value) => thresholds.filter((threshold) => value > threshold).length,
    );
    return { geometry, data: labels };
  },
};

startPage(
  page.document.getElementById("page")!,
  () => openError ? Promise.reject(new Error(openError)) : Promise.resolve(segmenter),
  facts as PageFacts,
  { loadNiivue },
);

/** Loads NiiVue from its file, or from the page's text. */
async function loadNiivue(): Promise<unknown> {
  if (niivueAddress) return await import(niivueAddress);
  const text = contentOf("niivue");
  if (!text) throw new Error("this page has no 3D viewer");
  return await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
}
