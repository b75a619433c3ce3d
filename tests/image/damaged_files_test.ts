/** Tests that damaged images of every format are errors that name the file and say what is wrong. */

import assert from "node:assert/strict";
import { basename, join } from "@std/path";
import { readImage, readSegmentation } from "../../lib/image/image_files.ts";
import { createGenerator } from "../../lib/random/generator.ts";
import { packError, unpackError } from "../../lib/runtime/thrown_error.ts";
import golden from "../golden/images.json" with { type: "json" };
import { messageFaults } from "../torture/messages.ts";

/** Changes to the bytes of a file. A text is what replaces them. */
const damages: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array<ArrayBuffer> | string>> = {
  "nothing left": () => "",
  "one byte": (bytes) => bytes.slice(0, 1),
  "cut within the header": (bytes) => bytes.slice(0, Math.min(200, bytes.length >> 1)),
  "cut at two thirds": (bytes) => bytes.slice(0, Math.floor(bytes.length * 2 / 3)),
  "without its last byte": (bytes) => bytes.slice(0, -1),
  "zeros": (bytes) => new Uint8Array(bytes.length),
  "random bytes": (bytes) => {
    const random = createGenerator(bytes.length);
    return Uint8Array.from(bytes, () => random.integer(0, 256));
  },
  "random bytes after a good beginning": (bytes) => {
    const random = createGenerator(bytes.length);
    return Uint8Array.from(bytes, (byte, i) => i < 140 ? byte : random.integer(0, 256));
  },
  "text": () => "This is no image.\n".repeat(40),
  "a web page": () => "<!DOCTYPE html><html><body>404</body></html>",
};

/** Damages after which a file may still be an image: some formats have no check sums. */
const mayBeRead = ["random bytes after a good beginning", "without its last byte"];

const { cases } = golden as {
  readonly cases: readonly {
    readonly name: string;
    readonly files: readonly { readonly name?: string; readonly file: string }[];
  }[];
};

for (const [damage, change] of Object.entries(damages)) {
  Deno.test(`images of all formats with ${damage} are errors in plain words`, async () => {
    const folder = await Deno.makeTempDir();
    const faults: string[] = [];
    let failed = 0;
    try {
      for (const [number, { name, files }] of cases.entries()) {
        const isSeries = name.startsWith("DICOM");
        const place = join(folder, `${number}`);
        await Deno.mkdir(place);
        for (const [i, { name: file = `${i}.dcm`, file: content }] of files.entries()) {
          const bytes = Uint8Array.fromBase64(content);
          const changed = i === files.length - 1 ? change(bytes) : bytes;
          const path = join(place, basename(file));
          if (typeof changed === "string") await Deno.writeTextFile(path, changed);
          else await Deno.writeFile(path, changed);
        }
        const path = isSeries ? place : join(place, basename(files.at(-1)!.name!));
        for (const read of [() => readImage([path]), () => readSegmentation(path)]) {
          const error: Error | undefined = await read().then(() => undefined, (error) => error);
          if (!error) {
            const fine = mayBeRead.includes(damage);
            if (!fine) faults.push(`${name} with ${damage} was read`);
            continue;
          }
          failed++;
          const found = messageFaults(error.message);
          if (/\bnull\b|\bNaN\b/.test(error.message)) found.push("the message has null or NaN");
          if (!error.message.includes(place)) found.push("the message does not name the file");
          const arrived = unpackError(structuredClone(packError(error)));
          if (arrived.message !== error.message) found.push(`a worker says ${arrived.message}`);
          if (found.length > 0) faults.push(`${name}: ${error.message}\n=> ${found.join("; ")}`);
        }
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
    assert.equal(faults.length, 0, faults.join("\n"));
    assert.ok(failed > 0, "nothing failed");
  });
}
