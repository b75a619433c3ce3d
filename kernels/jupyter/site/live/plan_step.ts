/** The second step: plans whenever a slider moves. */

import { type Configuration, formatReasons } from "../../../../lib/browser/mod.ts";
import { element, type PageElement } from "../../../../lib/browser/model_page/page_element.ts";
import type { CourseSettings } from "./course.ts";
import { problemOf } from "./problem.ts";
import { fillSection, type Live, slider, type Step } from "./step.ts";

/** Milliseconds without a movement after which the plans are made. */
const CALM = 150;

/** Creates the step. */
export function planStep(live: Live): Step {
  const { settings } = live.course;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void plan(), CALM);
  };
  const memory = slider({
    label: "GPU memory to plan for",
    min: 0.02,
    max: 0.4,
    step: 0.02,
    value: settings.gpuMemoryTarget,
    format: (gigabytes) => `${Math.round(1000 * gigabytes)} MB`,
    oninput: changed,
  });
  const features = slider({
    label: "Features of the first stage",
    min: 4,
    max: 32,
    step: 4,
    value: settings.baseFeatures,
    oninput: changed,
  });
  const choice = element(
    "select",
    { onchange: changed },
    ...["3d_fullres", "2d"].map((name) =>
      element("option", { value: name, selected: name === settings.configuration }, name)
    ),
  );
  const result = element("div", { class: "table" });
  const status = element("p", { class: "sr-only", role: "status" });
  const why = element("pre", { tabindex: 0 });
  const reasons = element(
    "details",
    { hidden: true },
    element("summary", {}, "Why these plans"),
    why,
  );
  const inputs = [memory.input, features.input, choice];
  const chosen = () => ({
    gpuMemoryTarget: memory.value(),
    baseFeatures: features.value(),
    configuration: choice.value as CourseSettings["configuration"],
  });
  /** What the shown plans were made for; empty for none. */
  let shown = "";
  let isPlanning = false;

  /** Plans until the result is that of the sliders, which may move meanwhile. */
  async function plan(): Promise<void> {
    if (isPlanning || live.isBusy || !live.course.hasCases) return;
    isPlanning = true;
    try {
      while (shown !== JSON.stringify(chosen()) && !live.isBusy) {
        const wanted = chosen();
        const planned = await live.course.plan(wanted, {
          onProgress: (done, total) =>
            result.replaceChildren(element("p", {}, `Scan ${done} of ${total} is read`)),
        });
        result.replaceChildren(tableOf(planned.configuration));
        const { patchSize, batchSize } = planned.configuration;
        status.textContent = `Planned: ${batchSize} patches of ${patchSize.join(" × ")} voxels`;
        why.textContent = formatReasons(
          planned.reasons.filter(({ configuration }) =>
            configuration === undefined || configuration === wanted.configuration
          ),
        );
        reasons.hidden = false;
        shown = JSON.stringify(wanted);
      }
    } catch (error) {
      shown = "";
      reasons.hidden = true;
      result.replaceChildren(element("p", { class: "problem", role: "alert" }, problemOf(error)));
      return;
    } finally {
      isPlanning = false;
    }
    await live.refresh();
  }

  fillSection(
    "plan",
    memory.element,
    features.element,
    element("label", { class: "slider" }, element("span", {}, "Configuration"), choice),
    result,
    status,
    reasons,
  );
  return {
    async refresh() {
      for (const input of inputs) input.disabled = live.isBusy || !live.course.hasCases;
      if (!live.course.hasCases) {
        shown = "";
        result.replaceChildren(element("p", {}, "First make phantoms, in step 1."));
        reasons.hidden = true;
      } else if (live.course.plans === undefined) shown = "";
      if (shown !== JSON.stringify(chosen())) await plan();
    },
  };
}

function tableOf(
  { patchSize, batchSize, spacing, architecture }: Configuration,
): PageElement {
  const { featuresPerStage } = architecture;
  const rows = [
    ["Spacing", `${spacing.map((mm) => +mm.toFixed(2)).join(" × ")} mm`],
    ["Patch", `${patchSize.join(" × ")} voxels`],
    ["Batch", `${batchSize} patches`],
    ["Stages", `${featuresPerStage.length}`],
    ["Features", featuresPerStage.join(", ")],
  ];
  return element(
    "table",
    {},
    element("caption", { class: "sr-only" }, "What was planned"),
    ...rows.map(([name, value]) =>
      element("tr", {}, element("th", { scope: "row" }, name), element("td", {}, value))
    ),
  );
}
