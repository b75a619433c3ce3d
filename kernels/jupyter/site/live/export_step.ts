/** The last step: saves the trained model as a page. */

import { downloadFile } from "../../../../lib/browser/mod.ts";
import { fillSection, type Live, type Step, workArea } from "./step.ts";

/** Creates the step. */
export function exportStep(live: Live): Step {
  const work = workArea(live, "Save the model as a page", async ({ show }) => {
    show({ what: "Packing the network and all that it needs" });
    await live.course.exportPage((path) => downloadFile(path));
    return "Saved. Open phantoms.html from your disk, also without a network.";
  }, { canStop: false });
  fillSection("export", work.element);
  return {
    async refresh() {
      const isTrained = await live.course.isTrained();
      work.allow(isTrained);
      if (!isTrained) work.reset();
    },
  };
}
