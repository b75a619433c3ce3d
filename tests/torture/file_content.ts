/** What the files of a run have to hold: whole after a kill, equal after the next run. */

import { gunzipSync } from "node:zlib";
import { readCheckpoint } from "../../lib/files/checkpoint_file.ts";
import { parsePythonJson } from "../../lib/files/python_json.ts";
import { ZipFile } from "../../lib/interop/zip_file.ts";
import { decodePng } from "../../lib/platform/png_codec.ts";

/** Pickle's last byte. */
const STOP_OPCODE = 0x2e;

type Bytes = Uint8Array<ArrayBuffer>;
const textOf = (bytes: Bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

/** Writes a file's content beside the others, for readers that take a path. */
async function withFile<T>(content: Bytes, ending: string, read: (path: string) => Promise<T>) {
  const path = await Deno.makeTempFile({ suffix: ending });
  try {
    await Deno.writeFile(path, content);
    return await read(path);
  } finally {
    await Deno.remove(path);
  }
}

/**
 * Replaces dates in a name or text, such as those of logs and of kept folders. As in nnU-Net, months
 * and days in names of logs may have one digit.
 */
export function withoutDates(text: string): string {
  return text.replaceAll(
    /\d{4}[-_]\d\d?[-_]\d\d?([-_T ]\d\d[-_:.]\d\d[-_:.]\d\d(\.\d+)?Z?)?/g,
    "DATE",
  );
}

/** Files whose content tells times, so that no two runs write the same. */
const isTimed = (path: string) => /(^|\/)(training_log.*|progress\.png|debug\.json)$/.test(path);

/**
 * Returns what has to be equal in two runs: the content without times and without the place of the
 * run.
 */
export async function comparable(path: string, content: Bytes, place: string): Promise<string> {
  if (path.endsWith(".jsonl")) requireLines(path, content);
  if (isTimed(path)) return "";
  if (path.endsWith(".pth")) {
    const { log, networkWeights, optimizer, gradScaler, bestEma, currentEpoch } = await withFile(
      content,
      ".pth",
      readCheckpoint,
    );
    const { epochStart: _, epochEnd: __, ...curves } = log;
    return inspect({ curves, networkWeights, optimizer, gradScaler, bestEma, currentEpoch });
  }
  if (/\.(json|txt|jsonl)$/.test(path)) {
    // A resumed prediction records that it keeps label maps.
    return withoutDates(textOf(content).replaceAll(place, "PLACE"))
      .replace(/"overwrite": (true|false)/, "");
  }
  return content.toBase64();
}

/** @throws {SyntaxError} If a line is not JSON. */
function requireLines(path: string, content: Bytes) {
  for (const line of textOf(content).trim().split("\n")) {
    try {
      JSON.parse(line);
    } catch (cause) {
      throw new SyntaxError(`${path} has the line ${line}`, { cause });
    }
  }
}

function inspect(value: unknown): string {
  return JSON.stringify(value, (_, one) => {
    if (one instanceof Map) return [...one];
    if (ArrayBuffer.isView(one)) {
      return [...new Uint8Array(one.buffer, one.byteOffset, one.byteLength)];
    }
    return one;
  });
}

/** Returns why a file is not whole, or undefined if it is. */
export async function damageOf(path: string, content: Bytes): Promise<string | undefined> {
  try {
    if (path.endsWith(".json")) parsePythonJson(textOf(content));
    else if (path.endsWith(".jsonl")) {
      // Its last line is cut if the process is killed while it is appended.
      const lines = textOf(content).split("\n").slice(0, -1);
      for (const line of lines) JSON.parse(line);
    } else if (path.endsWith(".gz")) gunzipSync(content);
    else if (path.endsWith(".png")) decodePng(content);
    else if (path.endsWith(".pkl")) {
      if (content.at(-1) !== STOP_OPCODE) return "it has no end";
    } else if (path.endsWith(".pth")) await withFile(content, ".pth", readCheckpoint);
    else if (/\.(zip|npz)$/.test(path)) {
      await withFile(content, ".zip", async (file) => {
        using _ = await ZipFile.open(file);
      });
    } else if (content.length === 0 && !path.endsWith(".lock")) return "it is empty";
  } catch (error) {
    return (error as Error).message;
  }
}
