import assert from "node:assert/strict";
import { barFigure, lineFigure } from "../../lib/notebook/charts.ts";
import { folderTree } from "../../lib/notebook/folder_tree.ts";
import { Output, standalonePage } from "../../lib/notebook/output.ts";
import { table } from "../../lib/notebook/table.ts";
import { text as svgText } from "../../lib/display/svg_parts.ts";

const name = '<img src=x onerror="alert(1)">&\x1b[2J\u202e';
const shownInXml = "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;\\x1b[2J\\u202e";
const shown = '<img src=x onerror="alert(1)">&\\x1b[2J\\u202e';

Deno.test("tables, folders and pages show names as text, in HTML and in plain text", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/${name}`, "");
    for (
      const output of [await folderTree(folder), table([name], [[name]], { title: name })]
    ) {
      assert.ok(output.html!.includes(shownInXml), output.html!);
      assert.ok(!output.html!.includes("<img"));
      const plain = output.bundle["text/plain"] as string;
      assert.ok(plain.includes(shown), plain);
      assert.doesNotMatch(plain, /[^\n\P{Cc}]|\u202e/u);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  assert.ok(standalonePage(name, "").includes(`<title>${shownInXml}</title>`));
  const { bundle } = new Output({ title: name, text: `${name}\n\tb`, html: "" });
  assert.equal(bundle["text/plain"], `${shown}\n\tb`);
});

Deno.test("pictures show names as text", () => {
  const drawn = svgText(0, 0, name, { size: 12, color: "#000" });
  assert.ok(drawn.includes(shownInXml), drawn);
});

Deno.test("charts show names as text, which Plotly would take for HTML", () => {
  const shownByPlotly = '&lt;img src=x onerror="alert(1)"&gt;&amp;\\x1b[2J\\u202e';
  for (const figureOf of [lineFigure, barFigure]) {
    const figure = figureOf([{ name, x: [name, "b"], y: [1, 2] }], {
      title: name,
      x: name,
      y: name,
    });
    const texts = JSON.stringify(figure);
    assert.equal(texts.split(JSON.stringify(shownByPlotly).slice(1, -1)).length - 1, 5);
    assert.ok(!texts.includes("<img"));
  }
});
