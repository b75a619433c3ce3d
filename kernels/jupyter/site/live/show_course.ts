/** Fills the live course's page. */

import { keepFiles } from "../../../../lib/browser/mod.ts";
import { openParts } from "../../../../lib/browser/open_parts.ts";
import { Course } from "./course.ts";
import { dataStep } from "./data_step.ts";
import { exportStep } from "./export_step.ts";
import { filesStep } from "./files_step.ts";
import { planStep } from "./plan_step.ts";
import { predictStep } from "./predict_step.ts";
import type { Live, Step } from "./step.ts";
import { trainStep } from "./train_step.ts";

/** Folder of the course's files in the page. */
const ROOT = "/course";

/**
 * Fills the page's sections.
 *
 * @param parts Address of the folder with what the course loads.
 * @param onProgress Called with the bytes that are loaded so far.
 * @throws {Error} If a part cannot be loaded, or another tab has the course's files.
 */
export async function showCourse(
  parts: string,
  onProgress: (loadedBytes: number) => void,
): Promise<void> {
  await openParts(parts, { onProgress });
  const files = await keepFiles("course");
  const course = await Course.open(ROOT);
  let isBusy = false;
  const steps: Step[] = [];
  const refresh = async () => {
    for (const step of steps) await step.refresh();
  };
  const live: Live = {
    course,
    get isBusy() {
      return isBusy;
    },
    setBusy(value) {
      isBusy = value;
      if (isBusy) void refresh();
    },
    refresh,
  };
  steps.push(
    dataStep(live),
    planStep(live),
    trainStep(live),
    predictStep(live),
    exportStep(live),
    filesStep(live, files.kept ? undefined : files.reason),
  );
  await refresh();
}
