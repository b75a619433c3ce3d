import assert from "node:assert/strict";
import { unzipSync, zipSync } from "fflate";
import { createGenerator } from "../../lib/random/generator.ts";
import { mutateBytes } from "./mutate_bytes.ts";
import { mutateJson } from "./mutate_json.ts";
import { type Mutate, mutateZip } from "./mutate_packed.ts";

const json = new TextEncoder().encode('{"a": [1, 2, {"b": "text"}], "c": null}');
const zip = new Uint8Array(zipSync({ "a.json": json, "b/c": new Uint8Array(100) }));

const mutations: [name: string, mutate: Mutate, input: Uint8Array<ArrayBuffer>][] = [
  ["mutateBytes()", mutateBytes, json],
  ["mutateJson()", mutateJson, json],
  ["mutateZip()", mutateZip({ compressed: true }), zip],
];

for (const [name, mutate, input] of mutations) {
  Deno.test(`${name} depends on the seed only and leaves its input as it is`, () => {
    const before = input.slice();
    const results = Array.from({ length: 200 }, (_, seed) => mutate(input, createGenerator(seed)));
    assert.deepEqual(input, before);
    for (const [seed, result] of results.entries()) {
      assert.deepEqual(mutate(input, createGenerator(seed)), result);
    }
    const different = new Set(results.map((result) => result.toBase64()));
    assert.ok(different.size > 100, `${different.size} different results`);
  });
}

Deno.test("mutateZip() damages content that still has the right checksum", () => {
  const intact = Array.from({ length: 100 }, (_, seed) => {
    try {
      const records = unzipSync(mutateZip({ compressed: true })(zip, createGenerator(seed)));
      return records["a.json"] !== undefined &&
        records["a.json"].toBase64() !== json.toBase64();
    } catch {
      return false;
    }
  });
  assert.ok(intact.filter(Boolean).length > 10);
});
