/** Draws a U-Net's stages with their sizes and channels. */

import { xmlText } from "../display/xml_text.ts";
import type { Configuration } from "../files/plans.ts";
import type { Output } from "./output.ts";
import { ink, svgOutput } from "./svg_output.ts";
import { requireKnown } from "../options/require_known.ts";

/** Lengths in pixels. */
const layout = { rowHeight: 66, boxHeight: 34, column: 150, width: 620, margin: 8, header: 66 };
const colors = { encoder: ink.step, decoder: ink.result, skip: ink.line, text: ink.line };

/**
 * Draws the U-Net of a configuration: one row per stage, encoder left, decoder right, with the
 * feature maps' sizes and channels and the strides between stages.
 *
 * @param configuration A configuration of plans.
 * @param options.heads Number of output channels; not drawn if undefined.
 * @returns The output.
 *
 * @example
 * ```ts ignore
 * import { drawNetwork } from "nnunet/notebook";
 *
 * await drawNetwork(plans.configuration("3d_fullres"), { heads: 3 });
 * ```
 */
export async function drawNetwork(
  { name, architecture, patchSize, batchSize }: Configuration,
  options: { readonly heads?: number } = {},
): Promise<Output> {
  requireKnown(options, { heads: true }, "draw the network");
  const { heads } = options;
  const { featuresPerStage, strides, kernelSizes, convsPerStage, networkClassName } = architecture;
  const { rowHeight, boxHeight, column, width, margin, header } = layout;
  const stages = featuresPerStage.length;
  const shapes: number[][] = [];
  for (const [stage, stride] of strides.entries()) {
    shapes.push(
      stage === 0 ? [...patchSize] : shapes[stage - 1].map((extent, axis) => extent / stride[axis]),
    );
  }
  const widest = Math.max(...featuresPerStage);
  // A box's width follows the logarithm of its channels, so that both 8 and 320 are visible.
  const boxWidth = (features: number) => 70 + 60 * Math.log2(features) / Math.log2(widest);
  const centres = { encoder: margin + column / 2 + 140, decoder: width - margin - column / 2 - 90 };
  const parts: string[] = [];
  const label = (x: number, y: number, content: string, size = 12, extra = "") =>
    parts.push(
      `<text x="${x}" y="${y}" font-size="${size}" fill="${colors.text}" ${extra}>` +
        `${xmlText(content)}</text>`,
    );
  const box = (side: "encoder" | "decoder", y: number, features: number) => {
    const wide = boxWidth(features);
    parts.push(
      `<rect x="${centres[side] - wide / 2}" y="${y}" width="${wide}" height="${boxHeight}" ` +
        `rx="5" fill="${colors[side]}"/>` +
        `<text x="${centres[side]}" y="${y + 22}" font-size="13" fill="#ffffff" ` +
        `text-anchor="middle">${features} channels</text>`,
    );
  };
  const arrow = (x1: number, y1: number, x2: number, y2: number, color: string) =>
    parts.push(
      `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}" stroke-width="2" ` +
        `marker-end="url(#tip)"/>`,
    );

  const kind = networkClassName.includes("Residual") ? "residual encoder U-Net" : "plain U-Net";
  label(margin, 28, `${name}: ${kind}`, 17, 'font-weight="bold"');
  label(margin, 48, `batch of ${batchSize} patches of ${patchSize.join(" × ")} voxels`, 13);
  for (const [stage, features] of featuresPerStage.entries()) {
    const y = header + stage * rowHeight;
    const middle = y + boxHeight / 2;
    box("encoder", y, features);
    const isBottom = stage === stages - 1;
    label(margin, middle - 2, shapes[stage].join(" × "), 12);
    const unit = networkClassName.includes("Residual") ? "blocks" : "convolutions";
    label(
      margin,
      middle + 13,
      `${convsPerStage[stage]} ${unit} ${kernelSizes[stage].join("×")}`,
      10.5,
    );
    if (isBottom) continue;
    box("decoder", y, features);
    const [from, to] = [
      centres.encoder + boxWidth(features) / 2 + 6,
      centres.decoder - boxWidth(features) / 2 - 8,
    ];
    arrow(from, middle, to, middle, colors.skip);
    if (stage === 0) label((from + to) / 2, middle - 7, "skip", 11, 'text-anchor="middle"');
    const next = y + rowHeight;
    arrow(centres.encoder, y + boxHeight + 3, centres.encoder, next - 5, colors.encoder);
    label(centres.encoder + 8, y + boxHeight + 20, `÷ ${strides[stage + 1].join("×")}`, 11);
    if (stage < stages - 2) {
      arrow(centres.decoder, next - 3, centres.decoder, y + boxHeight + 5, colors.decoder);
    } else {
      const bottom = next + boxHeight / 2;
      parts.push(
        `<path d="M ${
          centres.encoder + boxWidth(featuresPerStage[stage + 1]) / 2 + 6
        } ${bottom} H ${centres.decoder} V ${y + boxHeight + 5}" fill="none" ` +
          `stroke="${colors.decoder}" stroke-width="2" marker-end="url(#tip)"/>`,
      );
    }
    label(centres.decoder + 8, y + boxHeight + 20, `× ${strides[stage + 1].join("×")}`, 11);
  }
  if (heads !== undefined) {
    const right = centres.decoder + boxWidth(featuresPerStage[0]) / 2;
    label(right + 10, header + 14, `→ ${heads} classes`, 12);
    label(right + 10, header + 30, "in every voxel", 11);
  }
  const height = header + stages * rowHeight;
  const tip = `<defs><marker id="tip" viewBox="0 0 8 8" refX="5" refY="4" markerWidth="5" ` +
    `markerHeight="5" orient="auto"><path d="M0 0L8 4L0 8z" fill="${ink.line}"/></marker></defs>`;
  const sizes = featuresPerStage.map((features, stage) =>
    `${shapes[stage].join("×")} × ${features}`
  );
  return await svgOutput(
    `Network of ${name}`,
    { content: tip + parts.join(""), width, height, text: sizes.join(" → ") },
    width,
  );
}
