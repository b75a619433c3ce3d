import assert from "node:assert/strict";
import { mha } from "../../lib/image/metaimage/metaimage.ts";
import { decodeImageFile } from "../../lib/image/decode_file.ts";
import { nrrd } from "../../lib/image/nrrd/nrrd.ts";
import { countingImage } from "./sample_images.ts";

for (
  const { name, format, ending } of [
    { name: "NRRD", format: nrrd, ending: ".nrrd" },
    { name: "MetaImage", format: mha, ending: ".mha" },
  ]
) {
  Deno.test(`${name} reading says which line a header lacks`, async () => {
    const file = await format.encodeImage!(countingImage([2, 3, 4]), `a${ending}`);
    const text = new TextDecoder("latin1").decode(file as Uint8Array);
    const header = text.slice(0, text.search(/\n\n|LOCAL\n/)).split("\n");
    assert.ok(header.length > 5);
    for (const [index, line] of header.entries()) {
      const rest = header.toSpliced(index, 1).join("\n");
      const damaged = Uint8Array.from(
        rest + text.slice(header.join("\n").length),
        (character) => character.charCodeAt(0),
      );
      await decodeImageFile(`a${ending}`, damaged).then(() => {}, (error: Error) => {
        assert.doesNotMatch(error.message, /undefined|NaN|\[object/, `without "${line}"`);
      });
    }
  });
}
