/** Generates pictures of three channels: cells with nuclei, in noise and among similar spots. */

import { join } from "@std/path";
import { PNG } from "pngjs";
import { writeSegmentation } from "../../lib/image/image_files.ts";
import { pictureGeometry } from "../../lib/image/picture.ts";
import { writeFileAtomically } from "../../lib/platform/atomic_write.ts";
import { createGenerator, type Generator } from "../../lib/random/generator.ts";
import type { Scans } from "./training_subjects.ts";

const SIZE = 64;
/** Standard deviation of each channel's noise, of 256 grey levels. */
const NOISE = 30;

/** Names of the pictures' labels from 1. */
export const pictureClasses = ["cell", "nucleus"] as const;

/** Red, green and blue; the means differ less than the noise. */
const colours = {
  background: [120, 110, 100],
  spot: [140, 90, 125],
  cell: [140, 120, 130],
  nucleus: [115, 100, 145],
} as const;

interface Ellipse {
  readonly y: number;
  readonly x: number;
  readonly radii: readonly [number, number];
  readonly angle: number;
}

/** Writes pictures and their label maps, which depend only on the number of the picture. */
export async function writePictures(folder: string, count: number): Promise<Scans> {
  const [images, labels] = [join(folder, "input"), join(folder, "ground_truth")];
  for (let i = 0; i < count; i++) {
    const name = `picture_${`${i}`.padStart(3, "0")}.png`;
    const { pixels, classes } = drawPicture(createGenerator(1000 + i));
    const picture = new PNG({ width: SIZE, height: SIZE });
    picture.data.set(pixels);
    await writeFileAtomically(join(images, name), PNG.sync.write(picture, { colorType: 2 }));
    const geometry = pictureGeometry(SIZE, SIZE, name);
    await writeSegmentation(join(labels, name), { geometry, data: classes });
  }
  return { images, labels };
}

function drawPicture(generator: Generator) {
  const cells = Array.from({ length: generator.integer(2, 5) }, () => ellipse(generator, 7, 14));
  const spots = Array.from({ length: generator.integer(3, 7) }, () => ellipse(generator, 2, 5));
  const nuclei = cells.map(({ y, x, radii, angle }) => ({
    y: y + generator.uniform(-2, 2),
    x: x + generator.uniform(-2, 2),
    radii: [0.5 * radii[0], 0.4 * radii[1]] as const,
    angle: angle + generator.uniform(-1, 1),
  }));
  const light = [generator.uniform(-0.4, 0.4), generator.uniform(-0.4, 0.4)];
  const pixels = new Uint8Array(4 * SIZE * SIZE);
  const classes = new Uint8Array(SIZE * SIZE);
  for (let i = 0; i < classes.length; i++) {
    const [y, x] = [Math.floor(i / SIZE), i % SIZE];
    const inAny = (ellipses: readonly Ellipse[]) => ellipses.some((one) => contains(one, y, x));
    const inCell = inAny(cells);
    classes[i] = inCell ? inAny(nuclei) ? 2 : 1 : 0;
    const colour = classes[i] === 2
      ? colours.nucleus
      : inCell
      ? colours.cell
      : inAny(spots)
      ? colours.spot
      : colours.background;
    const shade = light[0] * (y - SIZE / 2) + light[1] * (x - SIZE / 2);
    colour.forEach((level, channel) => {
      const value = level + shade + NOISE * generator.normal();
      pixels[4 * i + channel] = Math.min(255, Math.max(0, Math.round(value)));
    });
    pixels[4 * i + 3] = 255;
  }
  return { pixels, classes };
}

function ellipse(generator: Generator, smallest: number, largest: number): Ellipse {
  return {
    y: generator.uniform(0, SIZE),
    x: generator.uniform(0, SIZE),
    radii: [generator.uniform(smallest, largest), generator.uniform(smallest, largest)],
    angle: generator.uniform(0, Math.PI),
  };
}

function contains({ y, x, radii, angle }: Ellipse, row: number, column: number): boolean {
  const [dy, dx] = [row - y, column - x];
  const along = (Math.cos(angle) * dy + Math.sin(angle) * dx) / radii[0];
  const across = (Math.cos(angle) * dx - Math.sin(angle) * dy) / radii[1];
  return along * along + across * across < 1;
}
