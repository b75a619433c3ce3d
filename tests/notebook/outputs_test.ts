import assert from "node:assert/strict";
import { join } from "@std/path";
import { imageFrom, segmentationFrom } from "../../lib/image/image_from.ts";
import type { TrainingLog } from "../../lib/interop/training_log.ts";
import {
  barFigure,
  chart,
  diceTable,
  drawNetwork,
  ensemblesTable,
  folderTree,
  heat,
  histogramFigure,
  lineFigure,
  LiveCurves,
  LiveProgress,
  middleSlice,
  Output,
  plansTable,
  show,
  sliceRow,
  slides,
  surfaceView,
  table,
} from "../../lib/notebook/mod.ts";
import { Throttle } from "../../lib/notebook/throttle.ts";
import { plans } from "./sample_plans.ts";
import {
  assertChangesLook,
  keepScreenshot,
  moveSlider,
  openFile,
  showHtml,
  testInBrowser,
} from "../browser/browser.ts";
import { assertAccessible } from "../kernels/jupyter/axe.ts";
import { withTemporaryFolder } from "../temporary_folder.ts";

const signature = [0x89, 0x50, 0x4e, 0x47];

const plansAxis = Array.from({ length: 17 }, (_, i) => i);

Deno.test("table() right-aligns numbers and shows NaN as a dash", () => {
  const { text, bundle } = table(["case", "Dice"], [["a", 0.5], ["long name", NaN], ["b", 1]]);
  assert.equal(text, "case        Dice\na          0.500\nlong name      –\nb          1.000");
  assert.match(bundle["text/html"] as string, /<td style="text-align:right[^>]*>0\.500</);
  assert.match(table(["<b>"], []).bundle["text/html"] as string, /&lt;b&gt;/);
});

Deno.test("table() names the row and the column of what is no cell", () => {
  const columns = ["case", "Dice"];
  const refused: [unknown, unknown, string][] = [
    [columns, [["a", 1], ["b"]], "rows[1] has 1 cell, expected 2, one per column"],
    [
      columns,
      [["a", undefined]],
      'rows[0][1], column "Dice", is missing, expected a string or a number; NaN is shown as a dash',
    ],
    [
      columns,
      [[null, 1]],
      'rows[0][0], column "case", is null, expected a string or a number; NaN is shown as a dash',
    ],
    [[{ a: 1 }], [], "columns[0] is an object, expected a heading"],
    [columns, undefined, "rows is missing, expected a list of rows"],
    [columns, [{ a: 1 }], "rows[0] is an object, expected a list of cells"],
  ];
  for (const [headings, rows, message] of refused) {
    assert.throws(() => table(headings as string[], rows as number[][]), {
      name: "TypeError",
      message: `Cannot make a table: ${message}`,
    });
  }
});

Deno.test("figures and diceTable() name what they lack", async () => {
  // deno-lint-ignore no-explicit-any -- as JavaScript passes them
  const any = (value: unknown): any => value;
  const figure = barFigure([], { title: "Bars", x: "", y: "" });
  const refused: [() => unknown, string][] = [
    [() => lineFigure([], any({})), "title is missing, expected a string"],
    [() => barFigure([], any({ title: "Bars" })), "x is missing, expected a string"],
    [() => histogramFigure([], any({ title: "Bars" })), "x is missing, expected a string"],
    [() => chart(figure, any({})), "title is missing, expected a string"],
    [
      () => diceTable(any(Promise.resolve()), []),
      "summary is a promise, expected a summary, as `evaluateFolder()` returns it; await it",
    ],
  ];
  for (const [call, message] of refused) {
    await assert.rejects(async () => await call(), (error: Error) => {
      assert.equal(error.name, "TypeError");
      assert.ok(error.message.endsWith(`: ${message}`), error.message);
      return true;
    });
  }
});

Deno.test("show() and surfaceView() say what they expect, and name unnamed labels", async () => {
  const grid = { shape: [2, 2, 2], spacing: [1, 1, 1] };
  const image = imageFrom(new Float32Array(8), grid);
  const overlay = segmentationFrom(Uint8Array.of(0, 1, 2, 2, 0, 1, 1, 0), grid);
  // deno-lint-ignore no-explicit-any -- as JavaScript passes them
  const any = (value: unknown): any => value;
  const kinds =
    "expected a scan (imageFrom() or readImage()), a label map (segmentationFrom() or " +
    "readSegmentation()) or an output, such as table() returns";
  const refused: [Promise<unknown>, string][] = [
    [show(any(Promise.resolve(image))), `show it: what is a promise, ${kinds}; await it`],
    [show(any("scan.nii.gz")), `show it: what is "scan.nii.gz", ${kinds}`],
    [
      show(image, any({ overlay, classNames: "shell" })),
      'show the volume: classNames is "shell", expected a list of names, as ["tumour"]',
    ],
    [
      surfaceView(overlay, any({ classNames: "shell" })),
      'show labels in 3D: classNames is "shell", expected a list of names, as ["tumour"]',
    ],
  ];
  for (const [run, message] of refused) {
    await assert.rejects(run, { name: "TypeError", message: `Cannot ${message}` });
  }
  assert.equal(
    (await surfaceView(overlay, { embedNiivue: false })).text,
    "Labels in 3D: class 1, class 2",
  );
});

Deno.test("table() has no empty heading, and can be scrolled by keys in a narrow page", () => {
  const { html } = table(["", "found"], [["errors", "none"]], { title: "Integrity" });
  assert.doesNotMatch(html!, /<th[^>]*><\/th>/);
  assert.match(
    html!,
    /^<div role="group" aria-label="Integrity" tabindex="0" style="overflow-x:auto/,
  );
});

Deno.test("table() shows no negative zero", () => {
  assert.equal(table(["mean"], [[-0.0004], [-0.4]], { digits: 2 }).text, " mean\n 0.00\n-0.40");
});

Deno.test("histogramFigure() labels its axis and does not rotate numbers", () => {
  const { layout } = histogramFigure([{ name: "scan", values: [0.123456, 7, 9.87654] }], {
    title: "",
    x: "value",
  });
  const { title, tickangle } = layout.xaxis as { title: { text: string }; tickangle?: number };
  assert.deepEqual([title.text, tickangle], ["value", undefined]);
});

Deno.test("a logarithmic axis has full tick labels", () => {
  const { layout } = barFigure([{ name: "n", x: ["a", "b"], y: [40_000, 2_000_000] }], {
    title: "",
    x: "",
    y: "n",
    logarithmic: ["y"],
  });
  const { ticktext } = layout.yaxis as { ticktext: string[] };
  assert.deepEqual(ticktext, ["10K", "20K", "50K", "100K", "200K", "500K", "1M", "2M", "5M"]);
});

Deno.test("barFigure() makes the smallest bar on a logarithmic axis a tenth of the height", () => {
  const { data, layout } = barFigure(
    [{ name: "voxels", x: ["a", "b", "c"], y: [2_400_000, 41, 0] }],
    { title: "", x: "", y: "voxels", logarithmic: ["y"] },
  );
  const [low, high] = (layout.yaxis as { range: [number, number] }).range;
  assert.ok((Math.log10(41) - low) / (high - low) > 0.09);
  assert.ok(high > Math.log10(2_400_000));
  assert.deepEqual((data[0] as { text: string[] }).text, ["2.4M", "41", "0"]);
  const many = barFigure([{ name: "n", x: plansAxis, y: plansAxis }], { title: "", x: "", y: "" });
  assert.equal((many.data[0] as { text?: string[] }).text, undefined);
});

Deno.test("lines and bars have a contrast of 3 : 1 to white and to VS Code's and Jupyter's dark", () => {
  const luminance = (color: string) =>
    [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a: string, b: string) => {
    const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const series = Array.from({ length: 7 }, (_, i) => ({ name: `${i}`, x: [1], y: [i] }));
  const { data } = barFigure(series, { title: "", x: "", y: "" });
  const colors = data.map((trace) => (trace as { marker: { color: string } }).marker.color);
  assert.equal(new Set(colors).size, 7);
  for (const color of colors) {
    for (const paper of ["#ffffff", "#111111", "#1f1f1f"]) {
      assert.ok(contrast(color, paper) >= 3, `${color} on ${paper}: ${contrast(color, paper)}`);
    }
  }
});

Deno.test("sliceRow() draws a scale below a slice in colours", async () => {
  const panel = { title: "", width: 4, height: 4, values: [...Array(16).keys()] };
  const heightOf = async (panels: Parameters<typeof sliceRow>[0]) =>
    new DataView((await sliceRow(panels)).buffer).getUint32(20);
  const colored = { ...panel, colors: (value: number) => heat(value / 15) };
  assert.equal(await heightOf([colored]) - await heightOf([panel]), 54);
});

Deno.test("middleSlice() returns the middle slice from top to bottom", () => {
  const values = Array.from({ length: 3 * 2 * 2 }, (_, i) => i);
  const slice = middleSlice(values, [3, 2, 2]);
  assert.deepEqual(slice, { values: Float32Array.of(6, 7, 4, 5), width: 2, height: 2 });
});

Deno.test("diceTable() ends with the mean", () => {
  const overlap = {
    dice: 0.5,
    iou: 0.25,
    truePositives: 1,
    falsePositives: 1,
    falseNegatives: 1,
    trueNegatives: 1,
    predicted: 2,
    reference: 2,
  };
  const { text } = diceTable({
    labels: [1],
    cases: [{ referenceFile: "a.nii.gz", predictionFile: "p/a.nii.gz", overlaps: [overlap] }],
    mean: [overlap],
    foregroundMean: overlap,
  }, ["liver"]);
  assert.deepEqual(text.split("\n").map((line) => line.split(/\s+/)), [
    ["case", "liver", "mean"],
    ["a", "0.500", "0.500"],
    ["mean", "0.500", "0.500"],
  ]);
});

Deno.test("ensemblesTable() sorts by score and shows configurations", () => {
  const { text } = ensemblesTable([
    { models: ["results/nnUNetTrainer__nnUNetPlans__2d"], score: 0.7 },
    { models: ["results/a__b__2d", "results/a__b__3d_fullres"], score: 0.8 },
  ]);
  assert.deepEqual(text.split("\n").slice(1).map((line) => line.split(/  +/)), [
    ["2d + 3d_fullres", "0.8000"],
    ["2d", "0.7000"],
  ]);
});

Deno.test("plansTable() has one row per configuration", () => {
  const { text } = plansTable(plans);
  assert.match(text, /^2d .*56 × 40 .* 32, 64, 128, 256/m);
  assert.match(text, /^3d_fullres .*40 × 56 × 40 /m);
  assert.match(plansTable([plans, plans]).text, /^data set +configuration/);
});

Deno.test("drawNetwork() describes and draws the sizes of all stages", async () => {
  const output = await drawNetwork(plans.configurations["3d_fullres"]!, { heads: 3 });
  assert.match(output.text, /40×56×40 × 32 → 20×28×20 × 64 → 10×14×10 × 128/);
  assert.deepEqual([...output.png!.subarray(0, 4)], signature);
  assert.match(
    output.bundle["text/html"] as string,
    /^<img alt="[^"]+" width="620" height="\d+" style="max-width:100%;/,
  );
});

Deno.test("folderTree() counts the files that it omits", () =>
  withTemporaryFolder(async (folder) => {
    const root = join(folder, "root");
    await Deno.mkdir(join(root, "imagesTr"), { recursive: true });
    for (const name of ["a", "b", "c"]) await Deno.writeTextFile(join(root, "imagesTr", name), "");
    await Deno.writeTextFile(join(root, "dataset.json"), "{}");
    const { text } = await folderTree(root, { files: 2 });
    assert.equal(
      text,
      "root/\n├── dataset.json\n└── imagesTr/\n    ├── a\n    └── … 2 more files",
    );
    const none = await folderTree(root, { files: 0 });
    assert.equal(none.text, "root/\n├── … 1 file\n└── imagesTr/\n    └── … 3 files");
  }));

Deno.test({
  name: "chart() has a Plotly figure and a high-resolution picture of the same size",
  sanitizeOps: false, // The drawing worker stays for the next figure.
  sanitizeResources: false,
  fn: async () => {
    const figure = histogramFigure([{ name: "all", values: [0, 1, 1, 3] }], {
      title: "Values",
      x: "value",
      bins: 3,
    });
    assert.deepEqual((figure.data[0] as { y: number[] }).y, [0.25, 0.5, 0.25]);
    const { bundle } = await chart(figure, { title: "Values" });
    assert.deepEqual(Object.keys(bundle), [
      "application/vnd.plotly.v1+json",
      "text/html",
      "text/plain",
    ]);
    const [, width, height, picture] = (bundle["text/html"] as string)
      .match(/<img alt="Values" width="(\d+)" height="(\d+)" .*base64,([^"]+)">/)!;
    const png = new DataView(Uint8Array.fromBase64(picture).buffer);
    assert.deepEqual(
      [png.getUint32(16), png.getUint32(20)],
      [2 * Number(width), 2 * Number(height)],
    );
    const { layout } = bundle["application/vnd.plotly.v1+json"] as { layout: object };
    assert.ok(!("width" in layout)); // As wide as there is room.
  },
});

Deno.test("Throttle shows the first value immediately and the latest last", async () => {
  const shown: number[] = [];
  const throttle = new Throttle<number>((value) => Promise.resolve(shown.push(value)), 5);
  for (let value = 0; value < 10; value++) throttle.push(value);
  await throttle.flush();
  throttle.push(10);
  await throttle.flush();
  assert.deepEqual(shown, [0, 9, 10]);
  const failing = new Throttle(() => Promise.reject(new Error("No")), 5);
  failing.push(1);
  await assert.rejects(failing.flush(), /No/);
});

Deno.test("show() writes a page or a picture outside a notebook", () =>
  withTemporaryFolder(async (folder) => {
    const output = table(["a"], [[1]]);
    const page = join(folder, "table.html");
    assert.equal(await show(output, { file: page }), page);
    assert.match(await Deno.readTextFile(page), /^<!doctype html>[^]*<table/);
    await assert.rejects(
      show(output, { file: join(folder, "table.png") }),
      /"Table" has no picture, expected a path that ends in \.html/,
    );
    const picture = new Output({ title: "Dot", text: "dot", png: Uint8Array.from(signature) });
    const file = join(folder, "dot.png");
    await show(picture, { file });
    assert.deepEqual([...await Deno.readFile(file)], signature);
  }));

Deno.test({
  name: "LiveCurves and LiveProgress end with their last state",
  sanitizeOps: false,
  sanitizeResources: false,
  fn: () =>
    withTemporaryFolder(async (folder) => {
      const file = join(folder, "curves.png");
      const log: TrainingLog = {
        trainLosses: [1, 0.5],
        valLosses: [1, 0.6],
        meanForegroundDice: [0.1, 0.2],
        emaForegroundDice: [0.1, 0.11],
        dicePerClass: [[0.1], [0.2]],
        learningRates: [0.01, 0.005],
        epochStart: [0, 1],
        epochEnd: [1, 2],
      };
      const curves = new LiveCurves({ file });
      curves.update(log);
      assert.equal(await curves.flush(), file);
      assert.deepEqual([...(await Deno.readFile(file)).subarray(0, 4)], signature);

      const page = join(folder, "bar.html");
      const bar = new LiveProgress("reading", { file: page });
      bar.count(1, 4);
      bar.count(4, 4);
      await bar.flush();
      assert.match(await Deno.readTextFile(page), /4 of 4/);
    }),
});

testInBrowser("slides() shows the slide that the slider selects", async (page) => {
  const output = slides("memory", [
    { label: "1 GB", content: "<p>small</p>" },
    { label: "8 GB", content: "<p>large</p>" },
  ]);
  assert.match(output.html!, /memory 1 GB/);
  await showHtml(page, output.html!);
  assert.equal(await page.getByText("memory 1 GB").count(), 0);
  assert.deepEqual(await page.locator("p:visible").allTextContents(), ["small"]);
  await moveSlider(page.getByLabel("memory"), 1);
  assert.deepEqual(await page.locator("p:visible").allTextContents(), ["large"]);
  assert.equal(
    await page.locator("output").evaluate((element) =>
      (element as unknown as { innerText: string }).innerText
    ),
    "8 GB",
  );
});

testInBrowser("a Plotly figure's page draws it", (page) =>
  withTemporaryFolder(async (folder) => {
    const figure = barFigure([{ name: "Dice", x: ["a", "b"], y: [0.5, 0.7] }], {
      title: "Dice",
      x: "case",
      y: "Dice",
    });
    const file = join(folder, "bars.html");
    await show(await chart(figure, { title: "Bars" }), { file });
    await openFile(page, file);
    assert.equal(await page.locator(".bars .point").count(), 2);
    await assertAccessible(page);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const [text, paper] = await page.evaluate(`[
        getComputedStyle(document.querySelector(".xtick tspan")).fill,
        getComputedStyle(document.body).color,
      ]`) as string[];
      assert.equal(text, paper);
    }
  }));

testInBrowser(
  "surfaceView() draws labels in 3D; one output contains NiiVue for all",
  async (page) => {
    const shape = [20, 20, 20] as const;
    const segmentation = {
      geometry: {
        shape,
        spacing: [1, 1, 1] as const,
        affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
      },
      data: Uint8Array.from({ length: 8000 }, (_, i) => {
        const [z, y, x] = [i / 400 | 0, (i / 20 | 0) % 20, i % 20];
        return Math.hypot(z - 10, y - 10, x - 10) < 6 ? 1 : x === 2 && y > 4 && z > 4 ? 2 : 0;
      }),
    };
    const classNames = ["ball", "wall"];
    const first = await surfaceView(segmentation, { classNames, embedNiivue: false });
    const second = await surfaceView(segmentation, { classNames, embedNiivue: true });
    assert(first.html!.length < 100_000);
    assert(second.html!.length < 650_000, `${second.html!.length} bytes with NiiVue`);
    await page.setViewportSize({ width: 320, height: 900 }); // Drawing time grows with the pixels.
    await showHtml(page, first.html! + second.html!);
    await page.locator("[data-ready]").nth(1).waitFor({ timeout: 120_000 });
    await page.waitForTimeout(300);
    await keepScreenshot(page, "surface_view");
    await assertChangesLook(page.locator("canvas").first(), async () => {
      await page.getByLabel("ball").first().click();
      await page.waitForTimeout(300);
    });
  },
);
