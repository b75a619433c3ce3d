/** Says what the browser keeps of the course, and removes it. */

import { element } from "../../../../lib/browser/model_page/page_element.ts";
import { fillSection, type Live, type Step, workArea } from "./step.ts";

/** Creates the section. @param whyNotKept Why the browser keeps no files; undefined if it does. */
export function filesStep(live: Live, whyNotKept: string | undefined): Step {
  const work = workArea(live, "Remove everything", async () => {
    await live.course.restart();
    return "All phantoms and networks are removed.";
  }, { canStop: false });
  fillSection(
    "files",
    element(
      "p",
      {},
      whyNotKept === undefined
        ? "The browser keeps what you made here for your next visit to this page. It is on this " +
          "computer only."
        : `What you made here ends with this tab: ${whyNotKept}. Save what you want to keep.`,
    ),
    work.element,
  );
  return {
    // deno-lint-ignore require-await -- other steps look for files
    async refresh() {
      work.allow(live.course.hasCases);
    },
  };
}
