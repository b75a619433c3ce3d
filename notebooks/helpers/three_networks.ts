/** Draws what each of nnU-Net's networks sees of a scan. */

import { Output } from "nnunet/notebook";
import { svgToPng } from "../../lib/display/png.ts";
import { xmlText } from "../../lib/display/xml_text.ts";
import { type Drawing, imageOf, ink, svgOf } from "../../lib/notebook/svg_output.ts";

/** A box in a scan, from 0 to 1 along (z, y, x), and how finely its grid is drawn. */
interface Block {
  readonly from: readonly [z: number, y: number, x: number];
  readonly to: readonly [z: number, y: number, x: number];
  /** Cells per edge of the whole scan. */
  readonly cells: number;
  readonly color: string;
}

/** One drawing and its caption. */
interface View {
  readonly name: string;
  readonly caption: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const whole = { from: [0, 0, 0], to: [1, 1, 1] } as const;
const part = { from: [0.25, 0.25, 0.5], to: [0.75, 0.75, 1] } as const;

const views: readonly View[] = [
  {
    name: "2d",
    caption: "whole slices, one at a time: nothing of what is above or below",
    text: "A cube, the scan, with one fine slice marked.",
    blocks: [{ from: [0.5, 0, 0], to: [0.5, 1, 1], cells: 16, color: ink.fine }],
  },
  {
    name: "3d_fullres",
    caption: "a block at full resolution: nothing of what is around it",
    text: "A cube, the scan, with a small block of fine voxels marked.",
    blocks: [{ ...part, cells: 16, color: ink.fine }],
  },
  {
    name: "3d_lowres",
    caption: "all of the scan, or most: no details",
    text: "A cube, the scan, all of it marked, in coarse voxels.",
    blocks: [{ ...whole, cells: 4, color: ink.coarse }],
  },
  {
    name: "3d_cascade_fullres",
    caption: "a block at full resolution, and what 3d_lowres found there",
    text: "A cube in coarse voxels, and in it a small block of fine voxels.",
    blocks: [
      { ...whole, cells: 4, color: ink.coarse },
      { ...part, cells: 16, color: ink.fine },
    ],
  },
];

/** Length of the cube's edges in the drawing's units. */
const EDGE = 118;
/** How far an edge that leads away from the viewer goes right and up. */
const [DEEP_X, DEEP_Y] = [0.42, -0.34];
const MARGIN = 6;
const size = {
  width: Math.ceil(EDGE * (1 + DEEP_X)) + 2 * MARGIN,
  height: Math.ceil(EDGE * (1 - DEEP_Y)) + 2 * MARGIN,
};

/** Draws the four configurations beside each other, or below where there is no room. */
export async function threeNetworks(): Promise<Output> {
  const drawings = views.map(drawView);
  const gap = 16;
  const row: Drawing = {
    content: drawings.map(({ content }, i) => {
      const title = `<text x="0" y="-6" font-size="14" fill="${ink.line}">${views[i].name}</text>`;
      return `<g transform="translate(${i * (size.width + gap)} 20)">${title}${content}</g>`;
    }).join(""),
    width: drawings.length * (size.width + gap) - gap,
    height: size.height + 20,
    text: "",
  };
  const title = "What each network sees";
  const figures = drawings.map((drawing, i) =>
    `<figure style="margin:0;flex:1 1 120px;min-width:0;max-width:200px;overflow-wrap:anywhere">${
      imageOf(drawing, size.width)
    }` +
    `<figcaption><b>${views[i].name}</b>: ${xmlText(views[i].caption)}</figcaption></figure>`
  );
  return new Output({
    title,
    text: views.map(({ name, caption }) => `${name}: ${caption}`).join("\n"),
    html: `<div style="display:flex;flex-wrap:wrap;gap:${gap}px;font:13px/1.5 system-ui,` +
      `sans-serif">${figures.join("")}</div>`,
    png: await svgToPng(svgOf(row), { width: 2 * row.width }),
    pngSize: [row.width, row.height],
  });
}

/** The scan as a cube of lines, and the blocks that a network sees. */
function drawView({ text, blocks }: View): Drawing {
  const frame = blockAt({ ...whole, cells: 1, color: ink.line }, 0);
  return { ...size, content: frame + blocks.map((block) => blockAt(block, 0.28)).join(""), text };
}

/** Draws the visible faces of a block: its top, its front and its right side. */
function blockAt({ from, to, cells, color }: Block, opacity: number): string {
  const [z0, y0, x0] = from;
  const [z1, y1, x1] = to;
  const faces = [
    grid([z1, y0, x0], [0, y1 - y0, 0], [0, 0, x1 - x0], cells),
    grid([z0, y0, x0], [z1 - z0, 0, 0], [0, 0, x1 - x0], cells),
    grid([z0, y0, x1], [z1 - z0, 0, 0], [0, y1 - y0, 0], cells),
  ];
  return faces.map(({ outline, lines }) =>
    `<path d="${outline}" fill="${color}" fill-opacity="${opacity}" stroke="${color}" ` +
    `stroke-width="1.6" stroke-linejoin="round"/>` +
    (cells > 1 ? `<path d="${lines}" fill="none" stroke="${color}" stroke-width="0.7"/>` : "")
  ).join("");
}

type Vector = readonly [z: number, y: number, x: number];

/** A face from a corner along two edges, with lines between its cells. */
function grid(corner: Vector, a: Vector, b: Vector, cells: number) {
  const at = (s: number, t: number) =>
    point([0, 1, 2].map((axis) => corner[axis] + s * a[axis] + t * b[axis]));
  const length = (edge: Vector) => Math.max(...edge.map(Math.abs));
  const steps = (edge: Vector) => {
    const count = Math.round(cells * length(edge));
    return Array.from({ length: Math.max(0, count - 1) }, (_, i) => (i + 1) / count);
  };
  const lines = [
    ...steps(a).map((s) => `M ${at(s, 0)} L ${at(s, 1)}`),
    ...steps(b).map((t) => `M ${at(0, t)} L ${at(1, t)}`),
  ];
  return {
    outline: `M ${at(0, 0)} L ${at(1, 0)} L ${at(1, 1)} L ${at(0, 1)} Z`,
    lines: lines.join(""),
  };
}

/** Projects a point: x to the right, z up, y away from the viewer. */
function point([z, y, x]: readonly number[]): string {
  const right = MARGIN + EDGE * (x + DEEP_X * y);
  const down = size.height - MARGIN - EDGE * (z - DEEP_Y * y);
  return `${right.toFixed(1)} ${down.toFixed(1)}`;
}
