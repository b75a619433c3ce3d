/** Says what the model is: what it takes, what it finds, and how it was validated. */

import { formatBytes } from "../../options/format_bytes.ts";
import type { PageFacts } from "../segmenter.ts";
import { element, type PageElement } from "./page_element.ts";

/** That the page must not be used for patients. */
export const disclaimer =
  "This is not a medical device. It is for research: do not use it for diagnosis or treatment.";

/** Where scans go. */
export const privacy =
  "Scans stay on this computer. The page computes here, and sends and loads nothing.";

/** Creates the section about the model. */
export function aboutModel(facts: PageFacts): PageElement {
  const { channels, classes, spacing, patchSize, validation, created, version } = facts;
  const is2d = patchSize.length === 2;
  // x first, as people name sizes.
  const millimetres = [...spacing].reverse().map((one) => +one.toFixed(3)).join(" × ");
  const rows: (readonly [string, string | PageElement])[] = [
    ["Configuration", facts.configurations.join(" and ")],
    ...facts.folds.length > 0 ? [["Folds", describeFolds(facts)] as const] : [],
    ...facts.trainer === undefined ? [] : [["Trainer", facts.trainer] as const],
    [
      channels.length === 1 ? "Channel" : "Channels",
      list(channels.map(({ name, normalization }) => `${name} (${normalization})`)),
    ],
    ["Classes", list(classes.map(({ name }) => name))],
    ["Voxels", `${millimetres} mm${is2d ? ", slice by slice" : ""}`],
    ["Patch", `${[...patchSize].reverse().join(" × ")} ${is2d ? "pixels" : "voxels"}`],
    ["Size", formatBytes(facts.modelBytes)],
    ["Exported", `${created.slice(0, 10)}, nnunet-ts ${version}`],
  ];
  return element(
    "section",
    { class: "card about", "aria-labelledby": "about-title" },
    element("h2", { id: "about-title" }, "About this model"),
    element(
      "dl",
      {},
      ...rows.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
    ),
    element("h3", {}, "How it was validated"),
    ...validation ? describeValidation(validation) : [
      element(
        "p",
        {},
        "The files of the model have no validation. Do not trust it before you have compared it " +
          "with a truth.",
      ),
    ],
    element("p", { class: "notice" }, disclaimer),
  );
}

function describeFolds({ folds, configurations }: PageFacts): string {
  if (folds.length === 1 && folds[0] === "all") return "all cases";
  const members = folds.length * configurations.length;
  return folds.join(", ") + (members > 1 ? " (the mean of their probabilities)" : "");
}

function describeValidation(
  { meanDice, cases, perClass }: NonNullable<PageFacts["validation"]>,
): PageElement[] {
  return [
    element(
      "p",
      {},
      `On ${cases} ${
        cases === 1 ? "case" : "cases"
      } that training had not seen, the mean Dice of ` +
        `the classes was ${meanDice.toFixed(3)}. Scans of another kind may give less.`,
    ),
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          element("th", { scope: "col" }, "Class"),
          element("th", { scope: "col", class: "number" }, "Mean Dice"),
        ),
      ),
      element(
        "tbody",
        {},
        ...perClass.map(({ name, dice }) =>
          element(
            "tr",
            {},
            element("th", { scope: "row" }, name),
            element("td", { class: "number" }, Number.isFinite(dice) ? dice.toFixed(3) : "–"),
          )
        ),
      ),
    ),
  ];
}

function list(items: readonly string[]): PageElement {
  return element("ul", { class: "plain" }, ...items.map((item) => element("li", {}, item)));
}
