import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { threeNetworks } from "../../../notebooks/helpers/three_networks.ts";

Deno.test("threeNetworks() has an image with words for each configuration", async () => {
  const { html } = await threeNetworks();
  const { document } = new JSDOM(html).window;
  const figures = [...document.querySelectorAll("figure")];
  assert.deepEqual(
    figures.map((figure) => figure.querySelector("figcaption b")!.textContent),
    ["2d", "3d_fullres", "3d_lowres", "3d_cascade_fullres"],
  );
  const alternatives = figures.map((figure) => figure.querySelector("img")!.alt);
  assert.equal(new Set(alternatives).size, 4);
  assert.ok(alternatives.every((alt) => alt.startsWith("A cube")));
});
