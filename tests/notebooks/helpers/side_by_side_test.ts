import assert from "node:assert/strict";
import { sideBySide } from "../../../notebooks/helpers/side_by_side.ts";

Deno.test("sideBySide() keeps indentation and escapes markup", () => {
  const { html, text } = sideBySide("Files", [["a", '{\n  "x": "<b>"\n}'], ["b", "1"]]);
  assert.match(html!, /\{\n {2}&quot;x&quot;: &quot;&lt;b&gt;&quot;\n\}/);
  assert.equal(text, 'a\n{\n  "x": "<b>"\n}\n\nb\n1');
});
