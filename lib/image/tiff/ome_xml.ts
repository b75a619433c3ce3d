/**
 * Reads and writes OME-XML, the description of OME-TIFF files: which plane each page has, and how
 * large voxels are.
 *
 * Only the attributes of a few elements are needed, so there is no XML library.
 *
 * @see https://docs.openmicroscopy.org/ome-model/6.3.1/ome-tiff/specification.html
 */

import { printable } from "../../untrusted/printable.ts";
import type { PageLayout, PlanePage } from "./tiff_image.ts";

/** What OME-XML says about an image. */
export interface OmeImage extends PageLayout {
  /** Voxel size in mm, as far as it is known. */
  readonly spacing: { readonly x?: number; readonly y?: number; readonly z?: number };
}

/** Units of length in millimetres; both letters for micro are in use, and a wrongly encoded one. */
const millimetres: ReadonlyMap<string, number> = new Map([
  ["pm", 1e-9],
  ["Å", 1e-7],
  ["nm", 1e-6],
  ["\u00b5m", 1e-3],
  ["\u03bcm", 1e-3],
  ["\ufffdm", 1e-3],
  ["mm", 1],
  ["cm", 10],
  ["dm", 100],
  ["m", 1000],
  ["in", 25.4],
]);

/** Units that say that there is no physical size. */
const noUnits = ["pixel", "reference frame"];

type Attributes = ReadonlyMap<string, string>;

/**
 * Reads a description.
 *
 * Several slices are along z or, if there is only one along z, along time, as for tifffile.
 *
 * @param description The description of the first page.
 * @param pages Number of pages in the file.
 * @param samples Numbers per pixel.
 * @param path Path for error messages.
 * @returns Undefined if the description is not OME-XML.
 * @throws {TypeError} If the file has several images, or its planes are in several files.
 * @throws {RangeError} If sizes are invalid, both z and time have several planes, or pages are missing.
 */
export function readOmeXml(
  description: string,
  pages: number,
  samples: number,
  path: string,
): OmeImage | undefined {
  const xml = description.replace(/<!--[^]*?-->/g, "");
  if (!/<(\w+:)?OME[\s>]/.test(xml)) return undefined;
  const images = elementsOf(xml, "Pixels");
  if (images.length !== 1) {
    throw new TypeError(
      `Cannot read ${path}: its OME-XML has ${images.length} images, expected one`,
    );
  }
  const [pixels] = images;
  const count = (name: string) => wholeNumber(pixels, name, path);
  const [depth, all, times] = [count("SizeZ"), count("SizeC"), count("SizeT")];
  if ((depth > 1 && times > 1) || all % samples !== 0) {
    throw new RangeError(
      `Cannot read ${path}: its OME-XML has ${depth} slices, ${times} points in time and ${all} ` +
        `channels for ${samples} numbers per pixel, expected slices or points in time, and as ` +
        "many channels as numbers",
    );
  }
  const sizes = { Z: depth, T: times, C: all / samples };
  const order = axesOf(pixels, path);
  const planes = planesOf(xml, sizes, order, path).map(({ page, at }): PlanePage => ({
    page,
    slice: Math.max(at.Z, at.T),
    channel: at.C * samples,
  }));
  const expected = depth * times * sizes.C;
  const isComplete = planes.length === expected && planes.every(({ page }) => page < pages) &&
    new Set(planes.map(({ slice, channel }) => `${slice} ${channel}`)).size === expected;
  if (!isComplete) {
    throw new RangeError(
      `Cannot read ${path}: found ${pages} pages with ${planes.length} planes in its OME-XML, ` +
        `expected ${expected}, one for each slice and channel`,
    );
  }
  return {
    slices: depth * times,
    channels: all,
    planes,
    spacing: {
      x: lengthOf(pixels, "PhysicalSizeX", path),
      y: lengthOf(pixels, "PhysicalSizeY", path),
      z: lengthOf(pixels, "PhysicalSizeZ", path),
    },
  };
}

type Axis = "Z" | "C" | "T";

/** The axes of the planes' order, the fastest first. */
function axesOf(pixels: Attributes, path: string): Axis[] {
  const order = pixels.get("DimensionOrder") ?? "missing";
  const axes = [...order.slice(2)];
  if (order.startsWith("XY") && axes.sort().join("") === "CTZ") {
    return [...order.slice(2)] as Axis[];
  }
  throw new RangeError(
    `Cannot read ${path}: DimensionOrder is ${printable(order)}, expected XY and then Z, C and T`,
  );
}

/** The page of each plane, as the `TiffData` elements say; by default pages are in order. */
function planesOf(
  xml: string,
  sizes: Readonly<Record<Axis, number>>,
  order: readonly Axis[],
  path: string,
) {
  const files = new Set(elementsOf(xml, "UUID").flatMap((uuid) => uuid.get("FileName") ?? []));
  if (files.size > 1) {
    throw new TypeError(
      `Cannot read ${path}: its planes are in ${files.size} files, expected one file`,
    );
  }
  const total = sizes.Z * sizes.C * sizes.T;
  const blocks = elementsOf(xml, "TiffData");
  const planes: { readonly page: number; readonly at: Record<Axis, number> }[] = [];
  for (const block of blocks.length > 0 ? blocks : [new Map<string, string>()]) {
    const number = (name: string, absent: number) =>
      block.has(name) ? wholeNumber(block, name, path, 0) : absent;
    let first = 0;
    let stride = 1;
    for (const axis of order) {
      first += stride * number(`First${axis}`, 0);
      stride *= sizes[axis];
    }
    const count = number("PlaneCount", block.has("IFD") ? 1 : total - first);
    for (let i = 0; i < count && planes.length <= total; i++) {
      const at = { Z: 0, C: 0, T: 0 };
      let rest = first + i;
      for (const axis of order) {
        at[axis] = rest % sizes[axis];
        rest = Math.floor(rest / sizes[axis]);
      }
      planes.push({ page: number("IFD", 0) + i, at });
    }
  }
  return planes;
}

/** The attributes of all elements of a name, with any prefix of a namespace. */
function elementsOf(xml: string, name: string): Attributes[] {
  const elements = xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(\\s[^>]*)?/?>`, "g"));
  return [...elements].map(([, attributes = ""]) =>
    new Map(
      [...attributes.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)]
        .map(([, key, double, single]) => [key, decode(double ?? single)]),
    )
  );
}

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Replaces XML's references, such as `&#181;`, by their characters. */
function decode(text: string): string {
  return text.replace(/&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return entities[name] ?? whole;
    const code = hex ? parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function wholeNumber(element: Attributes, name: string, path: string, smallest = 1): number {
  const text = element.get(name) ?? "missing";
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(value) && value >= smallest) return value;
  throw new RangeError(
    `Cannot read ${path}: ${name} of its OME-XML is ${printable(text)}, ` +
      `expected a whole number of at least ${smallest}`,
  );
}

/** A length in mm; undefined if it is missing or in a unit that says nothing about size. */
function lengthOf(pixels: Attributes, name: string, path: string): number | undefined {
  const text = pixels.get(name);
  const unit = pixels.get(`${name}Unit`) ?? "\u00b5m";
  if (text === undefined || noUnits.includes(unit)) return undefined;
  const length = Number(text) * (millimetres.get(unit) ?? NaN);
  if (length > 0 && Number.isFinite(length)) return length;
  throw new RangeError(
    `Cannot read ${path}: ${name} of its OME-XML is ${printable(`${text} ${unit}`)}, expected a ` +
      `positive number in one of ${[...millimetres.keys()].join(", ")}`,
  );
}

/** The size, number type and voxel size of an image to describe. */
export interface OmeDescription {
  /** Voxels per axis. */
  readonly size: { readonly x: number; readonly y: number; readonly z: number };
  readonly channels: number;
  /** OME's name of the number type. */
  readonly type: "uint8" | "uint16" | "float";
  /** Voxel size in mm; a picture has none along z. */
  readonly spacing: { readonly x: number; readonly y: number; readonly z?: number };
}

/** Describes an image whose pages are the slices of the first channel, then of the next. */
export function writeOmeXml({ size, channels, type, spacing }: OmeDescription): string {
  const lengths = Object.entries(spacing).map(([axis, length]) => {
    const name = `PhysicalSize${axis.toUpperCase()}`;
    return `${name}="${length}" ${name}Unit="mm"`;
  });
  const names = Array.from(
    { length: channels },
    (_, i) => `<Channel ID="Channel:0:${i}" SamplesPerPixel="1"/>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" ' +
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="' +
    "http://www.openmicroscopy.org/Schemas/OME/2016-06 " +
    'http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd">',
    '<Image ID="Image:0">',
    `<Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="${type}" SizeX="${size.x}" ` +
    `SizeY="${size.y}" SizeZ="${size.z}" SizeC="${channels}" SizeT="1" ${lengths.join(" ")}>`,
    ...names,
    "<TiffData/>",
    "</Pixels>",
    "</Image>",
    "</OME>",
  ].join("");
}
