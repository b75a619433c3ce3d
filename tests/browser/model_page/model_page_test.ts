import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { bytesSource } from "../../../lib/image/image_source.ts";
import { decodeSegmentation } from "../../../lib/image/decode_file.ts";
import type { Image, Segmentation } from "../../../lib/image/image.ts";
import { readerOf } from "../../../lib/image/reader.ts";
import { formatOf } from "../../../lib/image/registry.ts";
import { countingImage, plainGeometry } from "../../image/sample_images.ts";
import { assertAccessible } from "../../kernels/jupyter/axe.ts";
import { fill, geometry, size } from "../../notebook/small_volume.ts";
import { keepScreenshot, testInBrowser } from "../browser.ts";
import { openedPage, pageFolder, testPage } from "./fake_page.ts";
import {
  facts,
  imageFiles,
  labelFile,
  otherSeries,
  pageFile,
  sliceFiles,
  twoChannels,
} from "./sample_files.ts";

/** A ball, 100, in a shell, 60, on a background that rises from 0 to 30. */
const image: Image = {
  geometry,
  channels: 1,
  data: fill(new Float32Array(size), (z, y, x) => {
    const radius = Math.hypot(2 * (z - 12), y - 16, x - 10);
    return radius < 5 ? 100 : radius < 8 ? 60 : y;
  }),
};
/** What the stand-in's thresholds of 40 and 80 make of it. */
const expected: Segmentation = {
  geometry,
  data: Uint8Array.from(image.data, (value) => value > 80 ? 2 : value > 40 ? 1 : 0),
};

const done = (page: Page, name: string) =>
  page.locator("li[data-state=done]", { hasText: name }).waitFor();

testPage(
  "the page segments a dropped scan, shows it and saves the library's file",
  {},
  async (opened) => {
    const { page } = opened;
    await keepScreenshot(page, "model_page_empty");
    await opened.drop(await imageFiles("ball.nii.gz", image));
    await done(page, "ball");
    await page.locator("canvas[data-painted]").first().waitFor();
    await page.getByText("Networks run on the processor: a test.").waitFor();
    await keepScreenshot(page, "model_page_done");
    assert.match(
      await page.locator(".case-panel .state").first().textContent() ?? "",
      /^20 × 32 × 24 voxels of 1 × 1 × 2 mm\. Segmented in \d+\.\d s: 2 of 2 classes found\.$/,
    );
    const counts = [1, 2].map((label) => expected.data.filter((one) => one === label).length);
    assert.deepEqual(
      await page.locator(".classes tbody tr").allTextContents(),
      ["shell", "core"].map((name, i) =>
        `${name}${+(counts[i] * 2 / 1000).toPrecision(3)}${counts[i].toLocaleString("en")}`
      ),
    );
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save ball.nii.gz" }).click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), "ball.nii.gz");
    const content = new Uint8Array(await readFile(await saved.path()));
    const read = await decodeSegmentation(
      bytesSource("a.nii.gz", content),
      readerOf(undefined, "a.nii.gz"),
    );
    assert.deepEqual(read.data, expected.data);
    assert.deepEqual(await unpacked(content), await unpacked(await libraryFile(expected)));
  },
);

for (const [name, ending] of [["NRRD", ".nrrd"], ["MetaImage", ".mha"], ["NIfTI", ".nii"]]) {
  testPage(`the page segments a chosen ${name} file`, {}, async (opened) => {
    await opened.choose(await imageFiles(`ball${ending}`, image));
    await done(opened.page, "ball");
  });
}

testPage("the page takes headers with their voxels, dropped in one folder", {}, async (opened) => {
  await opened.drop([
    ...await imageFiles("scans/a.mhd", image),
    ...await imageFiles("scans/b.nhdr", image),
    ...await imageFiles("scans/c.hdr", image),
  ]);
  for (const name of ["a", "b", "c"]) await done(opened.page, name);
  assert.equal(await opened.page.locator(".problem:visible").count(), 0);
});

testPage(
  "the page segments a picture, and counts its pixels",
  { thresholds: [5, 10], facts: { ...facts, spacing: [1, 1], patchSize: [32, 24] } },
  async (opened) => {
    const labels = {
      geometry: plainGeometry([1, 4, 5]),
      data: Uint8Array.from({ length: 20 }, (_, i) => i),
    };
    await opened.choose([await labelFile("picture.png", labels)]);
    await done(opened.page, "picture");
    assert.deepEqual(await opened.page.locator(".classes thead th").allTextContents(), [
      "Class",
      "Pixels",
    ]);
    assert.equal(await opened.page.getByRole("button", { name: "Show in 3D" }).count(), 0);
  },
);

testPage("the page asks for the spacing of stacks, once for all", {}, async (opened) => {
  const { page } = opened;
  await opened.drop([...await imageFiles("a.tif", image), ...await imageFiles("b.tif", image)]);
  await page.locator("li[data-state=asking]", { hasText: "b" }).waitFor();
  assert.match(
    await page.locator(".question p").textContent() ?? "",
    /^a\.tif does not say how far apart its 20 × 32 × 24 voxels are\./,
  );
  await keepScreenshot(page, "model_page_spacing");
  await assertAccessible(page);
  await page.getByLabel("z, between slices").fill("3");
  await page.getByLabel("y, between rows").fill("0.5");
  await page.getByLabel("x, between columns").fill("0.5");
  await page.getByLabel("The same for all scans").check();
  await page.getByLabel("x, between columns").press("Enter");
  await done(page, "a");
  await done(page, "b");
  assert.match(
    await page.locator(".case-panel .state").first().textContent() ?? "",
    /0\.5 × 0\.5 × 3 mm/,
  );
});

testPage(
  "the page segments a folder of slices, and asks which series",
  { thresholds: [0, 4] },
  async (opened) => {
    const { page } = opened;
    await opened.drop(sliceFiles("patient/ct"));
    await done(page, "ct");
    const both = [...sliceFiles("two"), ...await otherSeries(sliceFiles("two"))];
    const [folder] = await opened.write(both);
    await page.locator("input[webkitdirectory]").setInputFiles(folder);
    await page.getByText("two has 2 series.").waitFor();
    await assertAccessible(page);
    await page.getByRole("radio").nth(1).check();
    await page.getByRole("button", { name: "Segment" }).click();
    await done(page, "two");
  },
);

testPage("the page puts numbered files in their channels, and names a missing one", {
  facts: twoChannels,
}, async (opened) => {
  const { page } = opened;
  await opened.drop(await imageFiles("ball_0000.nii.gz", image));
  await page.getByText("FLAIR is missing. Choose the file, or drop ball_0001 on the page.")
    .waitFor();
  await keepScreenshot(page, "model_page_missing_channel");
  await assertAccessible(page);
  await opened.drop(await imageFiles("ball_0001.nii.gz", image));
  await done(page, "ball");
  // The viewer shows either channel.
  await page.getByLabel("Channel in the viewer").selectOption("FLAIR");
  await page.locator("canvas[data-painted]").first().waitFor();
});

testPage("the page lets the reader order files without numbers, also by keys", {
  facts: twoChannels,
}, async (opened) => {
  const { page } = opened;
  const dark = { ...image, data: new Float32Array(size) };
  await opened.drop([
    ...await imageFiles("x_bright.nii.gz", image),
    ...await imageFiles("x_dark.nii.gz", dark),
  ]);
  await page.getByText("Which file is which channel?").waitFor();
  await assertAccessible(page);
  await page.getByRole("button", { name: "Move x_bright.nii.gz down" }).press("Enter");
  assert.deepEqual(await page.locator(".channels li .path").allTextContents(), [
    "x_dark.nii.gz",
    "x_bright.nii.gz",
  ]);
  // The focus has followed the file: at the end of the list there is no further down.
  await page.getByRole("button", { name: "Move x_bright.nii.gz up" }).press("Enter");
  await page.getByRole("button", { name: "Segment" }).press("Enter");
  await done(page, "x");
  assert.match(await page.locator(".classes tbody tr").first().textContent() ?? "", /shell\d/);
});

testPage("the page segments several scans in a row, and cancels one at once", {
  milliseconds: 3_600_000, // Only cancelling ends it.
}, async (opened) => {
  const { page } = opened;
  await opened.drop([
    ...await imageFiles("a.nii.gz", image),
    ...await imageFiles("b.nii.gz", image),
  ]);
  await page.locator("li[data-state=segmenting]", { hasText: "a" }).waitFor();
  await page.getByText(/Segmenting, \d+ %, about [\d:]+( \w+)? left/).first().waitFor();
  assert.match(await page.locator(".cases li").nth(1).textContent() ?? "", /waits/);
  await keepScreenshot(page, "model_page_running");
  await assertAccessible(page);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator("li[data-state=cancelled]", { hasText: "a" }).waitFor();
  await page.locator("li[data-state=segmenting]", { hasText: "b" }).waitFor();
  await page.getByRole("button", { name: "Remove b" }).click();
  assert.equal(await page.locator(".cases li").count(), 1);
  assert.equal(await page.getByRole("button", { name: "Try again" }).count(), 1);
});

testPage("the page says what is wrong with files, and goes on with the others", {
  memoryLimit: 1e7,
}, async (opened) => {
  const { page } = opened;
  const [{ file }] = await imageFiles("c.nii", image);
  await opened.drop([
    pageFile("a.nii.gz", "This is no scan."),
    pageFile("c.nii", new Uint8Array(await file.slice(0, 5000).arrayBuffer())),
    pageFile("notes.docx", "No scan either."),
    ...await imageFiles("d.nii.gz", countingImage([64, 64, 64])),
    ...await imageFiles("e.nii.gz", image),
  ]);
  await done(page, "e");
  assert.match(
    await page.locator(".problems").textContent() ?? "",
    /^Not taken: notes\.docx: unknown file ending, expected one of \.nii\.gz, /,
  );
  const problems: [string, RegExp][] = [
    ["a", /^Cannot read a\.nii\.gz: /],
    ["c", /^Cannot read c\.nii: file is cut short, found 5000 bytes, expected \d+$/],
    ["d", /needs about 26\.2 MB of memory, expected at most 10\.0 MB; crop it to less than 38 %/],
  ];
  for (const [name, message] of problems) {
    await page.getByRole("button", { name: new RegExp(`^${name}\\s*failed`) }).click();
    assert.match(await page.locator(".case-panel .problem").first().textContent() ?? "", message);
  }
  await keepScreenshot(page, "model_page_problems");
  await assertAccessible(page);
  await page.getByRole("button", { name: "Dismiss" }).click();
  assert.equal(await page.locator(".problems .problem").count(), 0);
});

testPage("the page says why the model cannot be opened", {
  openError: "This browser has no WebAssembly",
}, async (opened) => {
  await opened.drop(await imageFiles("a.nii.gz", image));
  await opened.page.getByText("This browser has no WebAssembly").first().waitFor();
  assert.equal(await opened.page.getByRole("button", { name: "Try again" }).count(), 1);
});

testPage("the page compares with a truth that is dropped beside the case", {}, async (opened) => {
  const { page } = opened;
  await opened.drop(await imageFiles("ball.nii.gz", image));
  await done(page, "ball");
  await opened.drop([pageFile("text.txt", "no truth")], ".small-drop");
  await page.getByText("Cannot read text.txt: unknown file ending").waitFor();
  const other = { geometry: plainGeometry([2, 2, 2]), data: new Uint8Array(8) };
  await opened.drop([await labelFile("other.nii.gz", other)], ".small-drop");
  await page.getByText("Cannot compare with other.nii.gz: it has 2 × 2 × 2 voxels").waitFor();

  const shifted = fill(new Uint8Array(size), (z, y, x) => {
    const radius = Math.hypot(2 * (z - 12), y - 16, x - 11);
    return radius < 5 ? 2 : radius < 8 ? 1 : 0;
  });
  await opened.drop([await labelFile("truth.nii.gz", { geometry, data: shifted })], ".small-drop");
  await page.getByText("Classes, compared with truth.nii.gz").waitFor();
  const dice = [1, 2].map((label) => {
    const both = shifted.filter((one, i) => one === label && expected.data[i] === label).length;
    const each = [shifted, expected.data].map((data) => data.filter((one) => one === label).length);
    return 2 * both / (each[0] + each[1]);
  });
  assert.deepEqual(
    await page.locator(".classes tbody td:last-child").allTextContents(),
    dice.map((one) => one.toFixed(3)),
  );
  assert.equal(
    await page.locator(".classes tfoot td:last-child").textContent(),
    ((dice[0] + dice[1]) / 2).toFixed(3),
  );
  await page.getByRole("button", { name: "Errors" }).click();
  await keepScreenshot(page, "model_page_truth");
  await assertAccessible(page);
});

testPage(
  "the page says where the viewer is coarser than the scan",
  { thresholds: [1e9, 2e9] },
  async (opened) => {
    await opened.drop(await imageFiles("large.nii", countingImage([120, 200, 200])));
    await done(opened.page, "large");
    await opened.page.getByText("The viewer shows 1 × 1 × 2 voxels as one.").waitFor();
    await opened.page.getByText("none of the classes was found").waitFor();
  },
);

testPage("the page shows labels in 3D", { withNiivue: true }, async (opened) => {
  const { page } = opened;
  await opened.drop(await imageFiles("ball.nii.gz", image));
  await done(page, "ball");
  await page.getByRole("button", { name: "Show in 3D" }).click();
  await page.locator(".surface-host[data-ready]").waitFor({ timeout: 60_000 });
  await keepScreenshot(page, "model_page_surface");
  await assertAccessible(page);
});

testPage("the page shows still pictures where 3D cannot be loaded", {}, async (opened) => {
  const { page } = opened;
  await opened.drop(await imageFiles("ball.nii.gz", image));
  await done(page, "ball");
  await page.getByRole("button", { name: "Show in 3D" }).click();
  await page.getByText("a still picture, since 3D is not available: this page has no 3D viewer")
    .waitFor();
  assert.equal(await page.getByLabel("Still pictures").isVisible(), true);
});

testPage("the page is used by keys alone", {}, async (opened) => {
  const { page } = opened;
  await page.getByRole("button", { name: "Choose files" }).waitFor();
  await page.bringToFront(); // Keys reach only the window in front.
  // The driver takes over choosers a moment after it is asked to: one that Enter opens before then is
  // never reported. So it is asked before Tab.
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await (await chooser).setFiles(await opened.write(await imageFiles("ball.nii.gz", image)));
  await done(page, "ball");
  const reached: string[] = [];
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(`(() => {
        let at = document.activeElement;
        while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at.getAttribute("aria-label") ?? at.textContent;
      })()`) as string,
    );
  }
  for (
    const name of [
      "Choose a folder",
      "Remove ball",
      "axial slice",
      "Segmentation",
      "overlay",
      "Save ball.nii.gz",
      "Show in 3D",
      "Choose a truth",
    ]
  ) assert(reached.includes(name), `${name} is reached: ${reached.join(", ")}`);
});

testPage(
  "the page fits a phone, in light and dark, without violations",
  { facts: twoChannels },
  async (opened) => {
    const { page } = opened;
    const both = {
      ...image,
      channels: 2,
      data: Float32Array.from([...image.data, ...image.data.map((value) => 100 - value)]),
    };
    await assertAccessible(page);
    await opened.drop(await imageFiles("a_long_name_of_a_patient_without_any_space.nii.gz", both));
    await done(page, "a_long_name");
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 844 });
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.waitForTimeout(100);
        await keepScreenshot(page, `model_page_${width}_${colorScheme}`);
      }
      const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
      assert(Number(overflow) <= 0, `The page is ${overflow} pixels wider than ${width}`);
      await assertAccessible(page);
    }
  },
);

testInBrowser("the page works under a strict content policy", async (page) => {
  const files = await pageFolder({});
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const name = new URL(request.url).pathname.slice(1);
    const text = files.get(name);
    return new Response(text ?? "missing", {
      status: text === undefined ? 404 : 200,
      headers: {
        "content-type": name.endsWith(".js") ? "text/javascript" : "text/html",
        "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; " +
          "style-src 'self'; img-src 'self'; connect-src 'self'",
      },
    });
  });
  const folder = await Deno.makeTempDir();
  try {
    const refused: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) refused.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${server.addr.port}/`);
    await openedPage(page, folder).drop(await imageFiles("ball.nii.gz", image));
    await done(page, "ball");
    await page.locator("canvas[data-painted]").first().waitFor();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save ball.nii.gz" }).click();
    assert.equal((await download).suggestedFilename(), "ball.nii.gz");
    assert.deepEqual(refused, []);
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

async function libraryFile(segmentation: Segmentation): Promise<Uint8Array<ArrayBuffer>> {
  const content = await formatOf("a.nii.gz", "write").encodeSegmentation(segmentation, "a.nii.gz");
  return content as Uint8Array<ArrayBuffer>;
}

async function unpacked(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
