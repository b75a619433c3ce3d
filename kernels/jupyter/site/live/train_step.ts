/** The third step: preprocesses and trains, with curves that grow meanwhile. */

import { downloadFile, type Plans } from "../../../../lib/browser/mod.ts";
import { button, element } from "../../../../lib/browser/model_page/page_element.ts";
import { learning, VALIDATED } from "./course.ts";
import { curves } from "./curves.ts";
import { problemOf } from "./problem.ts";
import { fillSection, type Live, slider, type Step, workArea } from "./step.ts";

/** Creates the step. */
export function trainStep(live: Live): Step {
  const { settings } = live.course;
  const epochs = slider({
    label: "Epochs",
    min: 2,
    max: 40,
    step: 1,
    value: settings.epochs,
    oninput: describe,
  });
  const iterations = slider({
    label: "Steps per epoch",
    min: 5,
    max: 100,
    step: 5,
    value: settings.iterations,
    oninput: describe,
  });
  const chart = curves();
  /** The plans of what is shown. */
  let plans: Plans | undefined;
  const work = workArea(live, "Train", async ({ signal, show }) => {
    const { course } = live;
    const begin = performance.now();
    show({ what: "Preprocessing" });
    await course.preprocess({
      signal,
      onProgress: (done, total) =>
        show({ what: `Preprocessed ${done} of ${total} phantoms`, share: done / total }),
    });
    const resume = await course.canResume();
    show({ what: resume ? "Resuming" : "Starting" });
    const reports = course.train({ epochs: epochs.value(), iterations: iterations.value() }, {
      signal,
      resume,
      onProgress({ epoch, epochs, phase, iteration, iterations, loss, secondsLeft }) {
        show({
          what: `Epoch ${epoch + 1} of ${epochs}, ${phase} step ${iteration} of ${iterations}`,
          share: (epoch + (phase === "training" ? iteration / iterations : 1)) / epochs,
          secondsLeft,
          detail: `loss ${loss.toFixed(3)}`,
        });
      },
      onValidation: (share) => show({ what: "Segmenting the validation phantoms", share }),
    });
    for await (const { log } of reports) chart.draw(log);
    const dice = await course.validationDice();
    return `Trained in ${Math.round((performance.now() - begin) / 1000)} s. ${describeDice(dice)}`;
  });

  const differences = element("ul", {});
  function describe() {
    const { learningRate, sgd: { momentum } } = learning;
    const validation = Math.ceil(iterations.value() / VALIDATED);
    differences.replaceChildren(...[
      `${epochs.value()} epochs of ${iterations.value()} training and ${validation} validation ` +
      "steps, not 1000 of 250 and 50.",
      `A momentum of ${momentum}, not 0.99, which averages over hundreds of steps, and a learning ` +
      `rate of ${learningRate}, not 0.01, which makes up for the smaller sum.`,
      "Plans for less memory and fewer features (step 2).",
      "Mirroring from left to right only: heads do not stand upside down.",
      "One fold of five.",
    ].map((text) => element("li", {}, text)));
  }
  describe();

  const file = (name: string, label: string) =>
    button(label, () => {
      downloadFile(`${live.course.trainedFolder}/${name}`).catch((error) => {
        filesProblem.textContent = problemOf(error);
        filesProblem.hidden = false;
      });
    });
  const filesProblem = element("p", { class: "problem", role: "alert", hidden: true });
  const files = element(
    "div",
    { class: "buttons", hidden: true },
    file("checkpoint_final.pth", "Save the weights (.pth)"),
    file("model.onnx", "Save the network (.onnx)"),
    file("progress.png", "Save the curves (.png)"),
  );
  const discard = button("Discard this training", () => {
    discard.disabled = true;
    void live.course.discardTraining().then(() => {
      work.reset();
      return live.refresh();
    });
  }, { hidden: true });
  fillSection(
    "train",
    epochs.element,
    iterations.element,
    element(
      "details",
      {},
      element("summary", {}, "What differs from nnU-Net's defaults"),
      differences,
    ),
    work.element,
    chart.element,
    files,
    filesProblem,
    element("div", { class: "buttons" }, discard),
  );
  return {
    async refresh() {
      const { course } = live;
      if (plans !== course.plans) work.reset();
      plans = course.plans;
      work.allow(plans !== undefined);
      for (const { input } of [epochs, iterations]) input.disabled = live.isBusy;
      discard.disabled = live.isBusy;
      if (live.isBusy) return;
      const [canResume, isTrained] = [await course.canResume(), await course.isTrained()];
      work.name(canResume ? "Resume" : isTrained ? "Train again" : "Train");
      files.hidden = !isTrained;
      discard.hidden = !isTrained && !canResume;
      const log = await course.log();
      const done = log?.trainLosses.length ?? 0;
      chart.draw(log);
      if (isTrained) work.describe(describeDice(await course.validationDice()));
      else if (canResume) work.describe(`${done} of ${course.settings.epochs} epochs are trained.`);
    },
  };
}

/** Says how good the trained network is. */
function describeDice(dice: number | undefined): string {
  return dice === undefined || Number.isNaN(dice)
    ? ""
    : `Mean Dice of the validation phantoms, as whole scans: ${dice.toFixed(3)}.`;
}
