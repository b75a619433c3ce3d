/** Opens exported pages as readers do, and segments scans in them. */

import { pathToFileURL } from "node:url";
import { basename, dirname, join } from "@std/path";
import type { Page } from "playwright-core";
import type { Image, Segmentation } from "../../lib/image/image.ts";
import type { SegmentProgress } from "../../lib/browser/segmenter.ts";

/** Where a page is opened from: the disk, a server, or one whose pages have shared memory. */
export const places = ["file", "http", "isolated"] as const;

/** See {@link places}. */
export type Place = typeof places[number];

/** Opens a page and runs a function. */
export async function withModelPage<T>(
  page: Pick<Page, "goto">,
  path: string,
  place: Place,
  use: () => Promise<T>,
): Promise<T> {
  await using server = place === "file" ? undefined : servePage(dirname(path), place);
  const address = server ? server.address + basename(path) : pathToFileURL(path).href;
  await page.goto(address);
  return await use();
}

/** Serves a folder on this machine. */
export function servePage(
  folder: string,
  place: "http" | "isolated",
  headers: Readonly<Record<string, string>> = {},
): { readonly address: string } & AsyncDisposable {
  const isolation = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1)) || "index.html";
    try {
      return new Response(await Deno.readFile(join(folder, name)), {
        headers: {
          "Content-Type": typeOf(name),
          ...place === "isolated" && isolation,
          ...headers,
        },
      });
    } catch {
      return new Response("missing", { status: 404 });
    }
  });
  server.unref();
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function typeOf(name: string): string {
  if (name.endsWith(".html")) return "text/html";
  return /\.m?js$/.test(name) ? "text/javascript" : "application/octet-stream";
}

/** A segmentation made in a page, and its course. */
export interface Segmented {
  readonly segmentation: Segmentation;
  readonly progress: readonly SegmentProgress[];
  /** Milliseconds after the beginning at which the progress was reported. */
  readonly times: readonly number[];
}

/** Segments a scan in the open page, and returns the labels. */
export async function segmentIn(
  page: Pick<Page, "evaluate">,
  { geometry, channels, data }: Image,
): Promise<Segmented> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const result = await page.evaluate(inPage, { geometry, channels, base64: bytes.toBase64() });
  const labels = Uint8Array.fromBase64(result.base64);
  return {
    ...result,
    segmentation: {
      geometry: result.geometry,
      data: result.isWide ? new Uint16Array(labels.buffer) : labels,
    },
  };
}

/** Runs in the page. */
async function inPage({ geometry, channels, base64 }: {
  geometry: Image["geometry"];
  channels: number;
  base64: string;
}) {
  // deno-lint-ignore no-explicit-any -- the page's own global
  const segmenter = await (globalThis as any).nnunet.open();
  const data = new Float32Array(
    Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)).buffer,
  );
  const progress: SegmentProgress[] = [];
  const times: number[] = [];
  const begin = performance.now();
  const segmentation: Segmentation = await segmenter.segment({ geometry, channels, data }, {
    onProgress(each: SegmentProgress) {
      progress.push(each);
      times.push(performance.now() - begin);
    },
  });
  const bytes = new Uint8Array(segmentation.data.buffer);
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return {
    geometry: segmentation.geometry,
    base64: btoa(letters),
    isWide: segmentation.data instanceof Uint16Array,
    progress,
    times,
  };
}
