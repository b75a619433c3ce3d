/** Asks what only the reader knows about a case: its channels, its spacing, which series to take. */

import { zyx } from "../../array/nd_array.ts";
import type { CaseQuestion, CaseQueue, QueuedCase } from "./case_queue.ts";
import { fileButton, type UseFiles } from "./file_buttons.ts";
import type { PageScan } from "./find_scans.ts";
import { button, element, type PageElement } from "./page_element.ts";

/** What a question needs. */
export interface QuestionOptions {
  readonly one: QueuedCase;
  readonly question: CaseQuestion;
  readonly queue: CaseQueue;
  /** Names of the model's channels. */
  readonly channels: readonly string[];
  /** Takes files for a channel of the case. */
  readonly addToChannel: (one: QueuedCase, channel: number) => UseFiles;
}

/** Creates the form for a question. */
export function questionForm(options: QuestionOptions): PageElement {
  const { question } = options;
  if (question.kind === "channels") return channelForm(options);
  return question.kind === "spacing"
    ? spacingForm(options, question)
    : seriesForm(options, question);
}

/** Lists the channels with their files. Files without numbers are moved up and down. */
function channelForm({ one, queue, channels, addToChannel }: QuestionOptions): PageElement {
  const { parts, isUnordered } = one;
  const surplus = parts.slice(channels.length);
  const missing = channels.flatMap((name, i) => parts[i] ? [] : [{ name, i }]);
  const swap = (from: number, to: number) => {
    const moved = [...parts];
    [moved[from], moved[to]] = [moved[to], moved[from]];
    queue.setParts(one, moved);
  };
  const rows = [...channels.keys(), ...surplus.map((_, i) => channels.length + i)].map((place) => {
    const part = parts[place];
    const name = channels[place] ?? "not needed";
    return element(
      "li",
      { class: part ? "" : "missing" },
      element("span", { class: "channel" }, name),
      element("span", { class: "path" }, part?.path ?? "missing"),
      ...isUnordered && part
        ? [
          mover("↑", `Move ${part.path} up`, place === 0, () => swap(place, place - 1)),
          mover("↓", `Move ${part.path} down`, place === parts.length - 1, () =>
            swap(place, place + 1)),
        ]
        : [],
      ...part ? [] : [
        fileButton(`Choose ${name}`, addToChannel(one, place), { className: "small" }),
      ],
    );
  });
  const ready = missing.length === 0 && surplus.length === 0;
  return element(
    "div",
    { class: "question" },
    element("p", {}, explanation(one, missing, surplus)),
    element("ol", { class: "channels" }, ...rows),
    button("Segment", () => queue.start(one), { class: "primary", disabled: !ready }),
  );
}

function explanation(
  { name, isUnordered, parts }: QueuedCase,
  missing: readonly { readonly name: string; readonly i: number }[],
  surplus: readonly (PageScan | undefined)[],
): string {
  if (surplus.length > 0) {
    return `These are ${parts.length} files without channel numbers, and a case has ` +
      `${
        parts.length - surplus.length
      } channels. Remove this case, and add one case at a time, or ` +
      "name the files CASE_0000, CASE_0001, and so on.";
  }
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(" and ");
    const files = missing.map(({ i }) => `${name}_${String(i).padStart(4, "0")}`).join(" and ");
    return `${names} ${missing.length === 1 ? "is" : "are"} missing. Choose the file` +
      (missing.length === 1 ? "" : "s") +
      (isUnordered ? "." : `, or drop ${files} on the page.`);
  }
  return "Which file is which channel? Move the files until each is beside its channel.";
}

function mover(sign: string, label: string, disabled: boolean, move: () => void): PageElement {
  return button(sign, move, { class: "small", "aria-label": label, disabled });
}

function spacingForm(
  { one, queue }: QuestionOptions,
  { path, shape }: Extract<CaseQuestion, { kind: "spacing" }>,
): PageElement {
  const axes = ["z", "y", "x"].map((axis, i) => {
    const input = element("input", {
      type: "number",
      min: "0.0001",
      step: "any",
      required: true,
      inputmode: "decimal",
      autocomplete: "off",
    });
    const what = i === 0 ? "between slices" : i === 1 ? "between rows" : "between columns";
    return { input, label: element("label", {}, `${axis}, ${what}`, input) };
  });
  const waiting = () =>
    queue.cases.filter(({ state }) => state.kind === "asking" && state.question.kind === "spacing");
  const all = element("input", { type: "checkbox" });
  return element(
    "form",
    {
      class: "question",
      onsubmit(event) {
        event.preventDefault();
        const spacing = zyx(axes.map(({ input }) => Number(input.value)));
        for (const each of all.checked ? waiting() : [one]) {
          queue.start(each, { ...each.answers, spacing });
        }
      },
    },
    element(
      "p",
      {},
      `${path} does not say how far apart its ${[...shape].reverse().join(" × ")} voxels are. ` +
        "What is their spacing in millimetres?",
    ),
    element("div", { class: "fields" }, ...axes.map(({ label }) => label)),
    element("label", { class: "check" }, all, "The same for all scans that wait for it"),
    element("button", { type: "submit", class: "primary" }, "Segment"),
  );
}

function seriesForm(
  { one, queue }: QuestionOptions,
  { path, choices }: Extract<CaseQuestion, { kind: "series" }>,
): PageElement {
  const radios = choices.map(({ uid, text }, i) => {
    const input = element("input", { type: "radio", name: "series", value: uid, checked: i === 0 });
    return { input, label: element("label", { class: "check" }, input, text) };
  });
  return element(
    "form",
    {
      class: "question",
      onsubmit(event) {
        event.preventDefault();
        const chosen = radios.find(({ input }) => input.checked)!.input.value;
        const series = new Map([...one.answers.series, [path, chosen]]);
        queue.start(one, { ...one.answers, series });
      },
    },
    element(
      "fieldset",
      {},
      element(
        "legend",
        {},
        `${path} has ${choices.length} series. Which of them is to be segmented?`,
      ),
      ...radios.map(({ label }) => label),
    ),
    element("button", { type: "submit", class: "primary" }, "Segment"),
  );
}
