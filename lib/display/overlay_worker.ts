/** Worker of `writeOverlays()`: reads a case, draws it and writes the picture. */

import { sameShape, sizeOf } from "../array/nd_array.ts";
import { readImage, readSegmentation } from "../image/image_files.ts";
import { writeFileAtomically } from "../platform/atomic_write.ts";
import { readCase } from "../preprocessing/storage.ts";
import { serve } from "../runtime/remote.ts";
import { type LabelledVolume, mostTellingSlice, paintOverlay } from "./overlay_picture.ts";
import { encodePng } from "./png.ts";

/** A case to draw. */
export interface OverlayJob {
  readonly name: string;
  readonly source:
    | { readonly folder: string }
    | { readonly images: readonly string[]; readonly label: string; readonly reader?: string };
  readonly channel: number;
  readonly intensity: number;
  /** Path of the picture. */
  readonly output: string;
}

const api = {
  async draw({ name, source, channel, intensity, output }: OverlayJob): Promise<void> {
    const volume = "folder" in source
      ? await preprocessed(source.folder, name, channel)
      : await raw(source, channel);
    const picture = paintOverlay(volume, mostTellingSlice(volume), intensity);
    await writeFileAtomically(output, await encodePng(picture));
  },
};

async function preprocessed(folder: string, name: string, channel: number) {
  const { data, segmentation } = await readCase(folder, name);
  const [channels, ...shape] = data.shape;
  if (!segmentation) throw new Error("it has no labels");
  return channelOf({ shape, channels, data: data.data, labels: segmentation.data }, channel);
}

async function raw(
  { images, label, reader }: Extract<OverlayJob["source"], { images: unknown }>,
  channel: number,
): Promise<LabelledVolume> {
  // Only the file of the channel is read, unless one file has all of them.
  const [files, index] = images.length > 1
    ? [images.slice(channel, channel + 1), 0]
    : [images, channel];
  if (files.length === 0) throw missingChannel(images.length, channel);
  const { geometry: { shape }, channels, data } = await readImage(files, { reader });
  const segmentation = await readSegmentation(label, { reader });
  if (!sameShape(segmentation.geometry.shape, shape)) {
    throw new RangeError(
      `the label map has shape (z, y, x) [${segmentation.geometry.shape}], expected the scan's ` +
        `[${shape}]`,
    );
  }
  return channelOf({ shape, channels, data, labels: segmentation.data }, index);
}

function channelOf(
  { shape, channels, data, labels }: Omit<LabelledVolume, "values"> & {
    readonly channels: number;
    readonly data: Float32Array;
  },
  channel: number,
): LabelledVolume {
  if (channel >= channels) throw missingChannel(channels, channel);
  const size = sizeOf(shape);
  return { shape, labels, values: data.subarray(channel * size, (channel + 1) * size) };
}

function missingChannel(channels: number, channel: number): RangeError {
  return new RangeError(`\`channel\` is ${channel}, expected 0 to ${channels - 1}`);
}

/** The functions that the worker serves. */
export type OverlayApi = typeof api;

serve(api);
