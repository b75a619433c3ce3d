/** Shows the chosen case: what it waits for, how far it is, or its segmentation. */

import { openViewer } from "../../display/volume_viewer.js";
import { decodeSegmentation } from "../../image/decode_file.ts";
import { reasonOf } from "../../options/reason_of.ts";
import type { PageFacts } from "../segmenter.ts";
import { disclaimer } from "./about_model.ts";
import type { CaseQueue, QueuedCase } from "./case_queue.ts";
import { type LoadNiivue, openCaseSurface } from "./case_surface.ts";
import { classTable } from "./class_table.ts";
import { fileButton, takeDrops, type UseFiles } from "./file_buttons.ts";
import { findScans } from "./find_scans.ts";
import { button, element, pageDocument, type PageElement } from "./page_element.ts";
import { pageSource } from "./page_source.ts";
import { questionForm } from "./question_form.ts";
import { describeGrid, plainReader } from "./read_case.ts";
import {
  type ComparedTruth,
  compareWithTruth,
  fileNameOf,
  type SegmentedCase,
  viewedCase,
} from "./segmented_case.ts";
import { describeState, percentOf } from "./state_words.ts";

/** What a panel needs. */
export interface CasePanelOptions {
  readonly facts: PageFacts;
  readonly queue: CaseQueue;
  readonly loadNiivue: LoadNiivue;
  /** Takes files for a channel of a case. */
  readonly addToChannel: (one: QueuedCase, channel: number) => UseFiles;
  /** Says something in the page's live region. */
  readonly announce: (text: string) => void;
}

/** The part of the page for one case. */
export class CasePanel {
  readonly element: PageElement = element("section", {
    class: "card case-panel",
    "aria-labelledby": "case-title",
    tabindex: -1,
    hidden: true,
  });
  readonly #options: CasePanelOptions;
  readonly #truths = new Map<SegmentedCase, ComparedTruth>();
  #shown?: QueuedCase;
  /** Replaces what a progress changes, so that the focus stays where it is. */
  #onProgress?: () => void;
  #kind?: string;

  constructor(options: CasePanelOptions) {
    this.#options = options;
  }

  /** Shows a case, or nothing. */
  show(one: QueuedCase | undefined): void {
    this.#shown = one;
    this.#draw();
  }

  /** Shows what has changed of a case, if it is the one that is shown. */
  update(one: QueuedCase): void {
    if (one !== this.#shown) return;
    if (this.#onProgress && one.state.kind === this.#kind) this.#onProgress();
    else this.#draw();
  }

  #draw(): void {
    const one = this.#shown;
    this.element.hidden = !one;
    this.#onProgress = undefined;
    this.#kind = one?.state.kind;
    const focused = pageDocument.activeElement;
    const hadFocus = this.element.contains(focused);
    this.element.replaceChildren(
      ...one ? [element("h2", { id: "case-title" }, one.name), ...this.#content(one)] : [],
    );
    if (!hadFocus || !focused || this.element === focused) return;
    // The element that had the focus is gone; keys continue at its successor or here.
    const label = labelOf(focused);
    const successor = [...this.element.querySelectorAll("button:enabled")]
      .find((button) => labelOf(button) === label);
    (successor ?? this.element).focus({ preventScroll: true });
  }

  #content(one: QueuedCase): PageElement[] {
    const { queue, facts, addToChannel } = this.#options;
    const { state } = one;
    const again = button("Try again", () => queue.start(one), { class: "primary" });
    switch (state.kind) {
      case "asking":
        return [questionForm({
          one,
          question: state.question,
          queue,
          channels: facts.channels.map(({ name }) => name),
          addToChannel,
        })];
      case "failed":
        return [element("p", { class: "problem" }, state.message), again];
      case "cancelled":
        return [element("p", {}, "This case was cancelled."), again];
      case "done":
        return this.#result(state.result);
      default:
        return this.#progress(one);
    }
  }

  #progress(one: QueuedCase): PageElement[] {
    const bar = element("progress", { max: 1, "aria-label": `Progress of ${one.name}` });
    const words = element("p", { class: "state" });
    const draw = () => {
      const { state } = one;
      words.textContent = describeState(state);
      // A bar without a value moves.
      if (state.kind === "segmenting") bar.setAttribute("value", `${percentOf(state) / 100}`);
      else bar.removeAttribute("value");
    };
    draw();
    this.#onProgress = draw;
    const { queue } = this.#options;
    return [
      ...one.state.kind === "waiting" ? [] : [bar],
      words,
      button("Cancel", () => queue.cancel(one)),
    ];
  }

  #result(result: SegmentedCase): PageElement[] {
    const { facts, announce, loadNiivue } = this.#options;
    let channel = 0;
    const host = element("div", { class: "viewer-host" });
    const table = element("div", { class: "table" });
    const problem = element("p", { class: "problem", role: "alert", hidden: true });
    const draw = () => {
      const truth = this.#truths.get(result);
      openViewer(host, viewedCase(result, channel, truth));
      table.replaceChildren(classTable(result, truth));
    };
    draw();
    const compare: UseFiles = async (reading) => {
      problem.hidden = true;
      try {
        const truth = await this.#readTruth(await reading);
        this.#truths.set(result, await compareWithTruth(result, truth, facts.ignoreLabel));
        draw();
        announce(`${result.name} was compared with ${truth.name}`);
      } catch (error) {
        problem.textContent = reasonOf(error);
        problem.hidden = false;
      }
    };
    const comparison = element(
      "div",
      { class: "drop small-drop" },
      element("p", {}, "Is there a truth? Drop its label map here to see Dice and errors."),
      fileButton("Choose a truth", compare),
    );
    takeDrops(comparison, compare);
    const surface = element("div", { class: "surface-host", hidden: true });
    const opener = button("Show in 3D", async () => {
      opener.disabled = true;
      surface.hidden = false;
      await openCaseSurface(surface, result, loadNiivue);
      opener.hidden = true;
      surface.scrollIntoView({ block: "nearest" });
    });
    const canBeSolid = result.geometry.shape.every((extent) => extent > 1) &&
      result.classes.some(({ voxels }) => voxels > 0);
    return [
      element("p", { class: "state" }, summaryOf(result)),
      ...result.warnings.map((warning) => element("p", { class: "notice" }, warning)),
      ...result.channels.length > 1
        ? [channelChoice(facts, (chosen) => {
          channel = chosen;
          draw();
        })]
        : [],
      host,
      ...result.stride.some((step) => step > 1) ? [coarseNote(result)] : [],
      element(
        "div",
        { class: "actions" },
        button(`Save ${fileNameOf(result.name)}`, () => save(result), { class: "primary" }),
        ...canBeSolid ? [opener] : [],
      ),
      surface,
      element("div", { class: "columns" }, table, element("div", {}, comparison, problem)),
      element("p", { class: "notice" }, disclaimer),
    ];
  }

  async #readTruth(files: Awaited<Parameters<UseFiles>[0]>) {
    const { scans, ignored } = await findScans(files);
    const [scan] = scans;
    if (scans.length === 1 && !scan.isSeries) {
      const [file] = scan.files;
      const reader = plainReader(this.#options.facts.reader, file.path);
      const truth = await decodeSegmentation(pageSource(file, scan.others), reader);
      return { ...truth, name: file.path };
    }
    if (scans.length > 1) {
      throw new RangeError(`Found ${scans.length} images, expected one label map`);
    }
    const [other] = ignored;
    throw new TypeError(
      scan
        ? `Cannot read ${scan.path} as a label map: it has DICOM slices, expected an image file`
        : other
        ? `Cannot read ${other.path}: ${other.reason}`
        : "Found no file",
    );
  }
}

function labelOf(button: PageElement): string | null {
  return button.getAttribute("aria-label") ?? button.textContent;
}

function summaryOf({ geometry, seconds, classes }: SegmentedCase): string {
  const found = classes.filter(({ voxels }) => voxels > 0).length;
  const time = seconds < 60 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
  return `${describeGrid(geometry)}. Segmented in ${time}: ` +
    (found === 0
      ? "none of the classes was found."
      : `${found} of ${classes.length} ${classes.length === 1 ? "class" : "classes"} found.`);
}

function coarseNote({ stride }: SegmentedCase): PageElement {
  const [z, y, x] = stride;
  return element(
    "p",
    { class: "note" },
    `The viewer shows ${x} × ${y} × ${z} voxels as one. Volumes, Dice and the saved file have all ` +
      "voxels.",
  );
}

function channelChoice(facts: PageFacts, choose: (channel: number) => void): PageElement {
  const select = element(
    "select",
    { onchange: () => choose(Number(select.value)) },
    ...facts.channels.map(({ name }, i) => element("option", { value: i }, name)),
  );
  return element("label", { class: "channel-choice" }, "Channel in the viewer", select);
}

/** Saves the label map as the browser saves downloads. */
function save(result: SegmentedCase): void {
  const address = URL.createObjectURL(result.file);
  element("a", { href: address, download: fileNameOf(result.name) }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // The browser is still reading it.
}
