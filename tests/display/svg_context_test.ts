import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { PNG } from "pngjs";
import { svgToPng } from "../../lib/display/png.ts";
import { SvgContext } from "../../lib/display/svg_context.ts";

const size = { width: 100, height: 60 };

/** Draws, and returns which pixels are dark: their number and the edges around them. */
async function draw(fn: (context: SvgContext) => void) {
  const context = new SvgContext();
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, size.width, size.height);
  context.fillStyle = "#000000";
  fn(context);
  const { data } = PNG.sync.read(Buffer.from(await svgToPng(context.toSvg(size))));
  const dark = Array.from({ length: size.width * size.height }, (_, i) => i)
    .filter((i) => data[4 * i] < 128);
  const [x, y] = [dark.map((i) => i % size.width), dark.map((i) => Math.floor(i / size.width))];
  return {
    count: dark.length,
    edges: [Math.min(...x), Math.min(...y), Math.max(...x) + 1, Math.max(...y) + 1],
  };
}

Deno.test("SvgContext draws rectangles, lines and dashes", async () => {
  const rectangle = await draw((context) => context.fillRect(10, 20, 30, 5));
  assert.deepEqual(rectangle, { count: 150, edges: [10, 20, 40, 25] });
  const line = (dashes: number[]) =>
    draw((context) => {
      context.lineWidth = 4;
      context.setLineDash(dashes);
      context.beginPath();
      context.moveTo(10, 30);
      context.lineTo(90, 30);
      context.stroke();
    });
  assert.deepEqual(await line([]), { count: 320, edges: [10, 28, 90, 32] });
  assert.equal((await line([10, 10])).count, 160);
});

Deno.test("SvgContext draws whole circles and parts of them", async () => {
  const arc = (end: number) =>
    draw((context) => {
      context.beginPath();
      context.arc(50, 30, 20, 0, end);
      context.fill();
    });
  const whole = await arc(2 * Math.PI);
  assert.ok(Math.abs(whole.count - Math.PI * 20 ** 2) < 20, `${whole.count}`);
  assert.deepEqual(whole.edges, [30, 10, 70, 50]);
  assert.deepEqual((await arc(Math.PI)).edges, [30, 30, 70, 50], "clockwise, so the lower half");
});

Deno.test("SvgContext transforms in the order of the calls, and restores", async () => {
  const turned = await draw((context) => {
    context.save();
    context.translate(50, 30);
    context.rotate(-Math.PI / 2);
    context.scale(2, 1);
    context.fillRect(0, 0, 10, 5); // 20 upwards, 5 to the right.
    context.restore();
  });
  assert.deepEqual(turned, { count: 100, edges: [50, 10, 55, 30] });
  const restored = await draw((context) => {
    context.save();
    context.fillStyle = "#ffffff";
    context.translate(50, 30);
    context.restore();
    context.restore(); // Without a state to restore, nothing happens, as on a canvas.
    context.fillRect(0, 0, 10, 5);
  });
  assert.deepEqual(restored.edges, [0, 0, 10, 5]);
});

Deno.test("SvgContext places and escapes text", async () => {
  const write = (textAlign: string, textBaseline: string, text = "H") =>
    draw((context) =>
      Object.assign(context, { textAlign, textBaseline, font: "20px x" }).fillText(text, 50, 30)
    );
  const [left, , right] = (await write("right", "alphabetic")).edges;
  assert.ok(left > 30 && right <= 50);
  assert.equal((await write("left", "alphabetic")).edges[3], 30);
  const [, above, , below] = (await write("center", "middle")).edges;
  assert.ok(Math.abs(30 - above - (below - 30)) <= 1, "in the middle");
  assert.ok((await write("left", "top")).edges[1] >= 30);
  assert.ok((await write("left", "top", "<&")).count > 20);
});
