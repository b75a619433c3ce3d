/** The fourth step: segments the test phantom and compares it with the truth. */

import { element } from "../../../../lib/browser/model_page/page_element.ts";
import { fillSection, type Live, type Step, workArea } from "./step.ts";
import { showVolume } from "./volume.ts";

/** Creates the step. */
export function predictStep(live: Live): Step {
  /** When the network of what is shown was trained; undefined for none. */
  let network: number | undefined;
  const host = element("div", { class: "viewer" });
  const work = workArea(live, "Segment the test phantom", async ({ signal, show }) => {
    show({ what: "Loading the network" });
    const { image, truth, prediction, dice, meanDice } = await live.course.predict({
      signal,
      onProgress: (share) => show({ what: "Segmenting", share }),
    });
    const viewer = element("div");
    host.replaceChildren(viewer);
    showVolume(viewer, { title: "The test phantom", image, truth, prediction, classes: dice });
    return `Mean Dice ${meanDice.toFixed(3)}, on a phantom that the network has never seen.`;
  });
  fillSection("predict", work.element, host);
  return {
    async refresh() {
      const { course } = live;
      const isTrained = await course.isTrained();
      work.allow(isTrained);
      if (live.isBusy) return;
      const trained = isTrained ? (await course.log())?.epochEnd.at(-1) : undefined;
      if (trained === network) return;
      network = trained;
      host.replaceChildren();
      work.reset();
    },
  };
}
