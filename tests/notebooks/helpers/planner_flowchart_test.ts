import assert from "node:assert/strict";
import { JSDOM } from "jsdom";
import { textWidth } from "../../../lib/display/svg_parts.ts";
import { drawRules, plannerFlowchart } from "../../../notebooks/helpers/planner_flowchart.ts";
import { svgOf } from "../../../lib/notebook/svg_output.ts";

const boxes = [
  { id: "start", kind: "step", title: "Start", text: "with something" },
  { kind: "question", title: "Enough?", text: "" },
  { kind: "branch", answer: "no", back: "start", title: "More", text: "until it is" },
  {
    kind: "result",
    title: "End",
    text: "a longer text that does not fit into a single line of it",
  },
] as const;

Deno.test("drawRules() keeps all boxes, words and loops within the width of a phone", () => {
  const drawing = drawRules(boxes);
  const { document } = new JSDOM(svgOf(drawing), { contentType: "image/svg+xml" }).window;
  const rects = [...document.querySelectorAll("rect")];
  assert.equal(rects.length, boxes.length);
  assert.ok(drawing.width <= 400);
  const right = Math.max(
    ...rects.map((rect) => Number(rect.getAttribute("x")) + Number(rect.getAttribute("width"))),
  );
  for (const text of document.querySelectorAll("text")) {
    const width = textWidth(text.textContent!, Number(text.getAttribute("font-size")));
    assert.ok(Number(text.getAttribute("x")) + width < right, text.textContent!);
  }
  const words = [...document.querySelectorAll("text")].map((text) => text.textContent).join(" ");
  for (const { title, text } of boxes) assert.ok(words.includes(title) && words.includes(text));
  // A loop leaves the branch to the right and comes back to the first box.
  const loop = [...document.querySelectorAll("path")].map((path) => path.getAttribute("d")!)
    .find((d) => d.includes("H") && Number(d.match(/H (\S+)/)![1]) > right);
  const [top, height] = ["y", "height"].map((name) => Number(rects[0].getAttribute(name)));
  assert.match(loop!, new RegExp(`V ${top + height / 2} H`));
});

Deno.test("drawRules() says in words where a branch leads", () => {
  assert.equal(
    drawRules(boxes).text,
    "Start: with something. Enough? . If no, More: until it is, then again: Start. " +
      "End: a longer text that does not fit into a single line of it.",
  );
});

Deno.test("plannerFlowchart() is an image with an alternative text", async () => {
  const { html, text, png } = await plannerFlowchart();
  const { document } = new JSDOM(html).window;
  const image = document.querySelector("img")!;
  assert.match(image.alt, /Fingerprint.*Target spacing.*Largest patch.*Batch.*nnUNetPlans\.json/);
  assert.match(image.src, /^data:image\/svg\+xml;base64,/);
  assert.match(text, /^How nnU-Net plans: /);
  assert.ok(png!.length > 0);
});
