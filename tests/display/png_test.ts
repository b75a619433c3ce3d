import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";
import { encodePng, svgToPng } from "../../lib/display/png.ts";
import { escapeXml } from "../../lib/display/xml_text.ts";

Deno.test("encodePng() keeps every pixel", async () => {
  const data = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 128);
  const picture = PNG.sync.read(Buffer.from(await encodePng({ width: 2, height: 1, data })));
  assert.deepEqual([picture.width, picture.height, [...picture.data]], [2, 1, [...data]]);
});

Deno.test("svgToPng() draws text without system fonts, bold text wider", async () => {
  const inked = async (weight: string) => {
    const png = await svgToPng(
      '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20">' +
        `<text y="15" font-size="14" font-family="Arial" font-weight="${weight}">Dice</text></svg>`,
    );
    const { data } = PNG.sync.read(Buffer.from(png));
    return data.filter((value: number, i: number) => i % 4 === 3 && value > 128).length;
  };
  const [normal, bold] = [await inked("normal"), await inked("bold")];
  assert.ok(normal > 50 && bold > 1.2 * normal, `${normal} and ${bold}`);
});

Deno.test("svgToPng() rejects text that is not SVG", async () => {
  await assert.rejects(svgToPng("<svg"));
});

Deno.test("escapeXml() escapes markup in text", () => {
  assert.equal(escapeXml(`<a b="c">&'`), "&lt;a b=&quot;c&quot;&gt;&amp;&apos;");
});
