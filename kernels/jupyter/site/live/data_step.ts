/** The first step: makes phantoms and shows one. */

import { phantomLabels } from "../../../../lib/browser/mod.ts";
import { element } from "../../../../lib/browser/model_page/page_element.ts";
import { fillSection, type Live, slider, type Step, workArea } from "./step.ts";
import { showVolume } from "./volume.ts";

/** Creates the step. */
export function dataStep(live: Live): Step {
  const { settings } = live.course;
  const cases = slider({ label: "Phantoms", min: 5, max: 12, step: 1, value: settings.cases });
  const spacing = slider({
    label: "Voxel size",
    min: 1,
    max: 4,
    step: 0.5,
    value: settings.spacing,
    format: (value) => `${value} mm`,
  });
  const difficulty = slider({
    label: "Noise and contrast",
    min: 0,
    max: 1.5,
    step: 0.25,
    value: settings.difficulty,
    format: (value) => `${value} ×`,
  });
  const inputs = [cases, spacing, difficulty].map(({ input }) => input);
  const host = element("div", { class: "viewer" });
  /** Settings of the phantom that is shown; empty for none. */
  let shown = "";
  const work = workArea(live, "Make phantoms", async ({ signal, show }) => {
    show({ what: "Making phantoms" });
    await live.course.makeCases({
      cases: cases.value(),
      spacing: spacing.value(),
      difficulty: difficulty.value(),
    }, {
      signal,
      onProgress: (done, total) =>
        show({ what: `Made ${done} of ${total} phantoms`, share: done / total }),
    });
    return describe(cases.value());
  });
  fillSection(
    "data",
    cases.element,
    spacing.element,
    difficulty.element,
    work.element,
    host,
  );
  return {
    async refresh() {
      const { course } = live;
      work.allow(true);
      work.name(course.hasCases ? "Make other phantoms" : "Make phantoms");
      for (const input of inputs) input.disabled = live.isBusy;
      if (live.isBusy) return;
      const made = course.settings;
      if (course.hasCases) work.describe(describe(made.cases));
      else work.reset();
      const wanted = course.hasCases ? `${made.spacing} ${made.difficulty}` : "";
      if (wanted === shown) return;
      shown = wanted;
      host.replaceChildren();
      if (!course.hasCases) return;
      const { image, labels } = await course.phantom(0);
      const viewer = element("div");
      host.replaceChildren(viewer);
      showVolume(viewer, {
        title: "The first phantom",
        image,
        truth: labels,
        classes: Object.keys(phantomLabels).slice(1).map((name) => ({ name })),
      });
    },
  };
}

function describe(cases: number): string {
  return `${cases} phantoms to train on, and one to test with.`;
}
