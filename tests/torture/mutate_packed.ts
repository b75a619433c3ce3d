/** Damages what packed files hold, and packs it again, so that the damage passes their checksums. */

import { unzipSync, zipSync } from "fflate";
import { crc32, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import type { Generator } from "../../lib/random/generator.ts";
import { mutateBytes } from "./mutate_bytes.ts";

type Bytes = Uint8Array<ArrayBuffer>;
/** Damages bytes. */
export type Mutate = (bytes: Bytes, generator: Generator) => Bytes;

/** Share of mutations that damage the packed bytes themselves. */
const OUTSIDE = 0.25;

/** Applies a mutation inside, or else to the packed bytes. */
function within(inside: Mutate): Mutate {
  return (bytes, generator) =>
    generator.uniform() < OUTSIDE ? mutateBytes(bytes, generator) : inside(bytes, generator);
}

/** Damages the content of a gzip file. */
export const mutateGzip: Mutate = within((bytes, generator) =>
  new Uint8Array(gzipSync(mutateBytes(new Uint8Array(gunzipSync(bytes)), generator), { level: 1 }))
);

/** Damages, renames, removes or adds a record of a zip archive. */
export function mutateZip(
  { compressed, inside = mutateBytes }: { compressed: boolean; inside?: Mutate },
): Mutate {
  return within((bytes, generator) => {
    const records = Object.entries(unzipSync(bytes));
    const index = generator.integer(0, records.length);
    const [name, content] = records[index];
    const how = generator.uniform();
    if (how < 0.8) {
      // Small records describe the large ones.
      const small = records.filter(([, { length }]) => length < 20_000);
      const record = generator.uniform() < 0.7 && small.length > 0
        ? small[generator.integer(0, small.length)]
        : records[index];
      record[1] = inside(new Uint8Array(record[1]), generator);
    } else if (how < 0.87) records.splice(index, 1);
    else {
      const names = ["../outside", "/tmp/outside", "a\\..\\b", "", ".hidden", `${name}/x`, "C:x"];
      if (how < 0.95) records[index][0] = names[generator.integer(0, names.length)];
      else records.push([`${name}2`, content]);
    }
    const level = compressed ? 1 : 0;
    return new Uint8Array(zipSync(Object.fromEntries(records), { level }));
  });
}

/** Damages a PNG file's chunks, the packed pixels included, and corrects the checksums. */
export const mutatePng: Mutate = within((bytes, generator) => {
  const view = new DataView(bytes.buffer);
  const chunks: { type: Bytes; data: Bytes }[] = [];
  for (let at = 8; at < bytes.length;) {
    const length = view.getUint32(at);
    chunks.push({ type: bytes.slice(at + 4, at + 8), data: bytes.slice(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  const chunk = chunks[generator.integer(0, chunks.length)];
  const isPixels = new TextDecoder().decode(chunk.type) === "IDAT";
  if (chunk.data.length > 0) {
    chunk.data = isPixels
      ? new Uint8Array(deflateSync(mutateBytes(new Uint8Array(inflateSync(chunk.data)), generator)))
      : mutateBytes(chunk.data, generator);
  }
  const parts = chunks.flatMap(({ type, data }) => {
    const [length, sum] = [new Uint8Array(4), new Uint8Array(4)];
    new DataView(length.buffer).setUint32(0, data.length);
    new DataView(sum.buffer).setUint32(0, crc32(data, crc32(type)));
    return [length, type, data, sum];
  });
  return new Uint8Array(
    [bytes.subarray(0, 8), ...parts].flatMap((part) => [...part]),
  );
});
