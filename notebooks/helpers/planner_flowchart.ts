/** Draws nnU-Net's planning rules as a flowchart. */

import type { Output } from "nnunet/notebook";
import { xmlText } from "../../lib/display/xml_text.ts";
import { type Drawing, ink, svgOutput } from "../../lib/notebook/svg_output.ts";

/** A box of the chart. */
interface Box {
  /** Name by which another box leads back to this one. */
  readonly id?: string;
  readonly kind: "step" | "question" | "branch" | "result";
  readonly title: string;
  readonly text: string;
  /** Answer that leads from the question above to this branch; the other answer passes it. */
  readonly answer?: "yes" | "no";
  /** The box that a branch leads back to; by default, the flow goes on below it. */
  readonly back?: string;
}

/** The rules of `lib/planning/`, in the order in which they apply. */
const rules: readonly Box[] = [
  {
    kind: "result",
    title: "Fingerprint",
    text: "size after cropping, spacing and intensities of every training case",
  },
  {
    kind: "step",
    title: "Normalisation",
    text: "CT: one scale for all cases; others: each image to mean 0 and deviation 1",
  },
  { kind: "step", title: "Target spacing", text: "the median of the cases, axis by axis" },
  {
    kind: "question",
    title: "Thick slices?",
    text: "one axis over 3 times coarser than the others, and under a third as many voxels",
  },
  {
    kind: "branch",
    answer: "yes",
    title: "Finer along that axis",
    text: "the 10th percentile: the median would drop slices",
  },
  {
    id: "patch",
    kind: "step",
    title: "Largest patch",
    text: "equally long in mm on every axis, but no longer than the median image",
  },
  {
    id: "network",
    kind: "step",
    title: "Network for this patch",
    text: "halve fine axes first, then all, until 4 voxels are left; 32 features, then 64, …",
  },
  {
    kind: "question",
    title: "Do two patches fit?",
    text: "the feature maps of both, in the GPU's memory: 8 GB unless you say otherwise",
  },
  {
    kind: "branch",
    answer: "no",
    back: "network",
    title: "Smaller patch",
    text: "shorten the axis that covers most of the image",
  },
  {
    kind: "step",
    title: "Batch",
    text: "as many patches as fit, at most 5 % of all voxels, at least 2",
  },
  {
    kind: "question",
    title: "Too little context?",
    text: "a patch covers less than a quarter of the median image",
  },
  {
    kind: "branch",
    answer: "yes",
    back: "patch",
    title: "Low resolution, cascade",
    text: "plan 3d_lowres with a spacing 3 % coarser, until a patch covers a quarter",
  },
  {
    kind: "result",
    title: "nnUNetPlans.json",
    text: "2d by the same rules on single slices, 3d_fullres, and 3d_lowres with cascade",
  },
];

/** Lengths in the drawing's units; 400 is the width of a phone. */
const layout = {
  width: 400,
  left: 8,
  right: 366,
  indent: 92,
  lane: 44,
  padding: 10,
  gap: 26,
  title: 16,
  text: 14,
  line: 20,
};

/** Draws the planning rules from the fingerprint to the plan, with their loops. */
export function plannerFlowchart(): Promise<Output> {
  return svgOutput("How nnU-Net plans", drawRules(rules), 460);
}

/** Draws boxes from top to bottom; branches are indented, and loops run along the right. */
export function drawRules(boxes: readonly Box[]): Drawing {
  const { width, left, right, indent, lane, padding, gap } = layout;
  const places = new Map<string, { middle: number }>();
  const parts: string[] = [];
  const line = (path: string) =>
    parts.push(
      `<path d="${path}" fill="none" stroke="${ink.line}" stroke-width="2" ` +
        `marker-end="url(#tip)"/>`,
    );
  let top = gap / 2;
  let loops = 0;
  let passes: { from: number; answer: string } | undefined;
  for (const [i, box] of boxes.entries()) {
    const isBranch = box.kind === "branch";
    const start = isBranch ? left + indent : left;
    const lines = wrap(box.text, (right - start - 2 * padding) / (layout.text * 0.58));
    const height = 2 * padding + layout.line * (lines.length + 1) - 3;
    const middle = top + height / 2;
    if (box.id) places.set(box.id, { middle });
    parts.push(boxAt(box, start, top, right - start, height, lines));
    if (isBranch) {
      const from = top - gap;
      parts.push(label((start + right) / 2 + 8, top - gap / 2 + 4, box.answer!));
      line(`M ${(start + right) / 2} ${from} V ${top - 6}`);
      const other = box.answer === "yes" ? "no" : "yes";
      passes = { from, answer: other };
      if (box.back) {
        const x = right + 12 + 10 * (loops++ % 2);
        line(`M ${right} ${middle} H ${x} V ${places.get(box.back)!.middle} H ${right + 7}`);
      }
    }
    const next = boxes[i + 1];
    const bottom = top + height;
    if (isBranch && passes) {
      parts.push(label(left + lane + 8, passes.from + gap / 2 + 4, passes.answer));
      line(`M ${left + lane} ${passes.from} V ${bottom + gap - 6}`);
      if (!box.back) line(`M ${(start + right) / 2} ${bottom} V ${bottom + gap - 6}`);
    } else if (next && next.kind !== "branch") {
      line(`M ${(left + right) / 2} ${bottom} V ${bottom + gap - 6}`);
    }
    top = bottom + gap;
  }
  const tip = `<defs><marker id="tip" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="5" ` +
    `markerHeight="5" orient="auto"><path d="M0 0L8 4L0 8z" fill="${ink.line}"/></marker></defs>`;
  return { content: tip + parts.join(""), width, height: top - gap / 2, text: inWords(boxes) };
}

function boxAt(
  { kind, title }: Box,
  x: number,
  y: number,
  width: number,
  height: number,
  lines: readonly string[],
): string {
  const { padding, title: titleSize, text: size, line } = layout;
  const radius = kind === "question" ? height / 2.6 : kind === "result" ? 14 : 5;
  const baseline = y + padding + 13;
  const inset = kind === "question" ? 2 * padding : padding + 2;
  const at = (i: number) => `x="${x + inset}" y="${baseline + i * line}" fill="${ink.text}"`;
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" ` +
    `fill="${ink[kind]}"/><text ${at(0)} font-size="${titleSize}" font-weight="bold">` +
    `${xmlText(title)}</text>` +
    lines.map((text, i) => `<text ${at(i + 1)} font-size="${size}">${xmlText(text)}</text>`)
      .join("");
}

function label(x: number, y: number, text: string): string {
  return `<text x="${x}" y="${y}" font-size="${layout.text}" font-weight="bold" ` +
    `fill="${ink.line}">${xmlText(text)}</text>`;
}

/** Breaks a text into lines of at most so many characters, between words. */
function wrap(text: string, characters: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1) ?? ""} ${word}`.trimStart();
    if (lines.length > 0 && longer.length <= characters) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The chart as sentences, for those who do not see it. */
function inWords(boxes: readonly Box[]): string {
  return boxes.map(({ kind, title, text, answer, back }) => {
    const sentence = `${title}${kind === "question" ? "" : ":"} ${text}`;
    if (!answer) return `${sentence}.`;
    const target = boxes.find(({ id }) => id !== undefined && id === back);
    return `If ${answer}, ${sentence}${target ? `, then again: ${target.title}` : ""}.`;
  }).join(" ");
}
