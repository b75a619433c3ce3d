/** Opens the page with a stand-in for the model, so that its tests need no network. */

import { join } from "@std/path";
import type { CDPSession, Page } from "playwright-core";
import { niivueScript } from "../../../lib/display/niivue_script.ts";
import type { PageFile } from "../../../lib/browser/model_page/page_files.ts";
import type { PageFacts } from "../../../lib/browser/segmenter.ts";
import { openFile, testInBrowser } from "../browser.ts";
import { facts } from "./sample_files.ts";
import { bundleScript } from "./bundle_script.ts";

/** What the stand-in does. */
export interface FakeModel {
  readonly facts: PageFacts;
  /** How long a scan takes. */
  readonly milliseconds: number;
  /** A voxel's label is the number of thresholds that its first channel exceeds. */
  readonly thresholds: readonly number[];
  /** Bytes that a page can have; a voxel needs 100. */
  readonly memoryLimit?: number;
  /** Why the model cannot be opened, if it cannot. */
  readonly openError?: string;
  /** Address of NiiVue's module; by default it is in the page if `withNiivue` is set. */
  readonly niivueAddress?: string;
}

/** What a test's page has. */
export interface FakePageOptions extends Partial<FakeModel> {
  readonly withNiivue?: boolean;
}

/** An opened page and the folder for its files. */
export interface FakePage {
  readonly page: Page;
  readonly folder: string;
  /** Writes files to the disk and returns their paths, of folders the folders' paths. */
  write(files: readonly PageFile[]): Promise<string[]>;
  /** Chooses files with the button. */
  choose(files: readonly PageFile[]): Promise<void>;
  /** Drops files, or the folders in which they are, as a user does. */
  drop(files: readonly PageFile[], where?: string): Promise<void>;
}

let script: Promise<string> | undefined;

/** The page's script. It is bundled once per process. */
function pageScript(): Promise<string> {
  return script ??= bundleScript(new URL("./fake_entry.ts", import.meta.url));
}

/** Defines a test with the page, opened from a disk. */
export function testPage(
  name: string,
  options: FakePageOptions,
  run: (opened: FakePage) => Promise<void>,
): void {
  testInBrowser(name, async (page) => {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "model.html");
      await Deno.writeTextFile(path, await htmlOf(options));
      await openFile(page, path);
      await run(openedPage(page, folder)).catch(async (cause) => {
        const words = await page.locator("body").innerText();
        throw new Error(`${cause.message}\nThe page says:\n${words}`, { cause });
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

function modelOf({ withNiivue: _, ...model }: FakePageOptions): FakeModel {
  return { facts, milliseconds: 100, thresholds: [40, 80], ...model };
}

function dataElement(id: string, type: string, text: string): string {
  return `<script type="${type}" id="${id}">${text.replaceAll("</", "<\\/")}</script>`;
}

/** The page in one file. */
async function htmlOf(options: FakePageOptions): Promise<string> {
  return htmlAround([
    dataElement("facts", "application/json", JSON.stringify(modelOf(options))),
    ...options.withNiivue ? [dataElement("niivue", "text/plain", await niivueScript())] : [],
    `<script>${(await pageScript()).replaceAll("</script", "<\\/script")}</script>`,
  ]);
}

/** The page as files, for servers with a strict content policy. */
export async function pageFolder(options: FakePageOptions): Promise<ReadonlyMap<string, string>> {
  const model = modelOf({ ...options, niivueAddress: "./niivue.js" });
  const html = htmlAround([
    dataElement("facts", "application/json", JSON.stringify(model)),
    `<script src="page.js"></script>`,
  ]);
  return new Map([
    ["", html],
    ["page.js", await pageScript()],
    ["niivue.js", await niivueScript()],
  ]);
}

function htmlAround(scripts: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A model</title>
</head>
<body>
<div id="page"></div>
${scripts.join("\n")}
</body>
</html>
`;
}

/** Returns functions that act on an opened page. */
export function openedPage(page: Page, folder: string): FakePage {
  let session: CDPSession | undefined;
  const write = async (files: readonly PageFile[]) => {
    const paths = new Set<string>();
    for (const { path, file } of files) {
      const parts = path.split("/");
      const target = join(folder, ...parts);
      if (parts.length > 1) await Deno.mkdir(join(target, ".."), { recursive: true });
      await Deno.writeFile(target, new Uint8Array(await file.arrayBuffer()));
      paths.add(join(folder, parts[0]));
    }
    return [...paths];
  };
  return {
    page,
    folder,
    write,
    async choose(files) {
      await page.locator(".drop input[type=file]:not([webkitdirectory])").first()
        .setInputFiles(await write(files));
    },
    async drop(files, where = ".drop") {
      const target = page.locator(where).first();
      await target.scrollIntoViewIfNeeded();
      const box = (await target.boundingBox())!;
      session ??= await page.context().newCDPSession(page);
      const data = {
        items: [],
        files: await write(files),
        dragOperationsMask: 1,
      };
      const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      for (const type of ["dragEnter", "dragOver", "drop"] as const) {
        await session.send("Input.dispatchDragEvent", { type, ...at, data });
      }
    },
  };
}
