/** The page of a model: scans are added, segmented one after the other, and shown. */

import { describeIgnored } from "../../image/ignored_file.ts";
import { reasonOf } from "../../options/reason_of.ts";
import type { PageFacts, Segmenter } from "../segmenter.ts";
import { aboutModel, privacy } from "./about_model.ts";
import { CaseList } from "./case_list.ts";
import { CasePanel } from "./case_panel.ts";
import { CaseQueue, type QueuedCase } from "./case_queue.ts";
import type { LoadNiivue } from "./case_surface.ts";
import { fileButton, takeDrops, type UseFiles } from "./file_buttons.ts";
import { findScans } from "./find_scans.ts";
import { groupCases } from "./group_cases.ts";
import { button, element, pageDocument, type PageElement } from "./page_element.ts";
import { applyStyle } from "./page_style.ts";
import { countChannels } from "./read_case.ts";

/** What the page can do beyond segmenting. */
export interface PageOptions {
  /** Loads the module NiiVue, for 3D. Without it, 3D is a still picture. */
  readonly loadNiivue?: LoadNiivue;
}

/**
 * Starts the page.
 *
 * @param root Element that the page fills.
 * @param open Opens the model, when the first scan is segmented.
 * @param facts What the page says about the model.
 */
export function startPage(
  root: PageElement,
  open: () => Promise<Segmenter>,
  facts: PageFacts,
  { loadNiivue = () => Promise.reject(new Error("this page has none")) }: PageOptions = {},
): void {
  applyStyle();
  const channels = facts.channels.map(({ name }) => name);
  const said = element("p", { class: "unseen", role: "status" });
  const problems = element("div", { class: "problems", role: "alert" });
  const announce = (text: string) => said.textContent = text;
  let chosen: QueuedCase | undefined;

  const where = element("p", { class: "note device", role: "note", hidden: true });
  /** Opens the model and says, once it is known, where it runs. */
  const openModel = async () => {
    const segmenter = await open();
    segmenter.device().then(({ why }) => {
      where.textContent = why;
      where.hidden = false;
    }, () => {}); // Scans report the same error.
    return segmenter;
  };
  const queue = new CaseQueue({ facts, open: openModel, onChange });
  const list = new CaseList(queue, choose);
  const panel = new CasePanel({ facts, queue, loadNiivue, addToChannel, announce });

  function choose(one: QueuedCase | undefined) {
    chosen = one;
    list.update(chosen);
    panel.show(chosen);
  }

  /** Kinds of states that were announced, so that progress is not. */
  const announced = new Map<QueuedCase, string>();
  function onChange(one?: QueuedCase) {
    const { cases } = queue;
    listCard.hidden = cases.length === 0;
    if (chosen && !cases.includes(chosen)) choose(cases.at(-1));
    list.update(chosen);
    if (!one || !cases.includes(one)) return;
    panel.update(one);
    const { state } = one;
    if (announced.get(one) === state.kind) return;
    announced.set(one, state.kind);
    const words = {
      asking: "has a question",
      waiting: "waits",
      opening: "",
      reading: "",
      segmenting: "is being segmented",
      done: "is segmented",
      cancelled: "was cancelled",
      failed: state.kind === "failed" ? `failed: ${state.message}` : "",
    }[state.kind];
    if (words) announce(`${one.name} ${words}`);
  }

  /** Shows a problem until the reader dismisses it. */
  function complain(text: string) {
    const problem: PageElement = element(
      "p",
      { class: "problem" },
      text,
      button("Dismiss", () => problem.remove(), { class: "small" }),
    );
    problems.append(problem);
  }

  const add: UseFiles = async (reading) => {
    problems.replaceChildren();
    try {
      const files = await reading;
      if (files.length > 20) announce(`Looking at ${files.length} files`);
      const { scans, ignored } = await findScans(files);
      if (ignored.length > 0) complain(`Not taken: ${describeIgnored(ignored).join("; ")}`);
      else if (scans.length === 0) complain("Found no files");
      const cases = await groupCases(scans, channels, countChannels);
      const added = cases.map((one) => queue.add(one));
      if (added.length > 0) choose(added[0]);
    } catch (error) {
      complain(reasonOf(error));
    }
  };

  function addToChannel(one: QueuedCase, channel: number): UseFiles {
    return async (reading) => {
      problems.replaceChildren();
      try {
        const { scans, ignored } = await findScans(await reading);
        if (scans.length === 1) {
          queue.setParts(one, one.parts.with(channel, scans[0]));
          return;
        }
        complain(
          scans.length > 1
            ? `Found ${scans.length} scans, expected one for this channel`
            : `Not taken: ${describeIgnored(ignored).join("; ")}`,
        );
      } catch (error) {
        complain(reasonOf(error));
      }
    };
  }

  const drop = element(
    "section",
    { class: "card drop", "aria-labelledby": "add-title" },
    element("h2", { id: "add-title" }, "Add scans"),
    element("p", {}, "Drop files or folders here, or choose them."),
    element(
      "div",
      { class: "actions" },
      fileButton("Choose files", add, { className: "primary" }),
      fileButton("Choose a folder", add, { folder: true }),
    ),
    element("p", { class: "note" }, describeInput(channels)),
  );
  const listCard = element(
    "section",
    { class: "card", "aria-labelledby": "cases-title", hidden: true },
    element("h2", { id: "cases-title" }, "Cases"),
    list.element,
  );
  root.classList.toggle("page", true);
  root.replaceChildren(
    element(
      "header",
      {},
      element("h1", {}, facts.name),
      element("p", { class: "lead" }, `Segments ${listOf(facts.classes.map(({ name }) => name))}.`),
      element("p", { class: "privacy" }, privacy),
    ),
    element(
      "main",
      {},
      element("div", { class: "side" }, drop, problems, listCard, where),
      element("div", { class: "wide" }, panel.element, aboutModel(facts)),
    ),
    said,
  );
  takeDrops(drop, add);
  takeDrops(pageDocument.body, add); // Wherever files are dropped, the browser must not open them.
}

function describeInput(channels: readonly string[]): string {
  const formats = "NIfTI, NRRD, MetaImage, TIFF, PNG and other images; a folder of DICOM slices.";
  if (channels.length === 1) return formats;
  const files = channels.map((name, i) => `${name} as CASE_${String(i).padStart(4, "0")}`);
  return `${formats} A case has ${channels.length} channels: ${listOf(files)}, or all of them in ` +
    "one file.";
}

/** Joins names as `a, b and c`. */
function listOf(names: readonly string[]): string {
  return new Intl.ListFormat("en-GB").format(names);
}
