/**
 * Names the scans of the course. All notebooks read this file, so it is the only one to change.
 *
 * After saving it, run a notebook again from its first cell.
 */

import type { Source } from "./source.ts";

/** Generated brain-like phantoms, or folders of your own; see the example below. */
export const scans: "phantoms" | Source = "phantoms";

// export const scans: "phantoms" | Source = {
//   name: "Liver", // letters, digits, `_`, `-` and `.`
//   images: "~/liver/input", // folder of the scans
//   labels: "~/liver/ground_truth", // folder of label maps with the same file names
//   channels: ["CT"], // "CT" is normalised as computed tomography
//   classes: ["liver", "tumour"], // labels 1, 2, …
// };
