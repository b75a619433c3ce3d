/** What a notebook that was run says about its run, in its metadata. */

import { fileURLToPath } from "node:url";
import type { Notebook } from "./notebook_file.ts";

/** Key in a notebook's metadata. */
const key = "nnunet_run";

/** How and where a notebook was run. */
export interface RunRecord {
  /** Amount of computation: `short` or `full`. */
  readonly settings: string;
  /** Folders of that machine, which are not for publication. */
  readonly folders: MachineFolders;
}

/** Folders of a machine whose paths may appear in outputs. */
export interface MachineFolders {
  /** This project's folder. */
  readonly project: string;
  /** The user's home folder. */
  readonly home?: string;
  /** The folder of temporary files. */
  readonly temporary: string;
}

/** The folders of the machine that runs this program. */
export function foldersHere(): MachineFolders {
  const trimmed = (path: string) => path.replace(/(?<=.)[/\\]$/, "");
  return {
    project: trimmed(fileURLToPath(new URL("../../", import.meta.url))),
    home: Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE"),
    temporary: trimmed(Deno.env.get("TMPDIR") ?? Deno.env.get("TEMP") ?? "/tmp"),
  };
}

/** Returns the notebook with a record of its run. */
export function withRecord(notebook: Notebook, settings: string): Notebook {
  const record: RunRecord = { settings, folders: foldersHere() };
  return { ...notebook, metadata: { ...notebook.metadata, [key]: record } };
}

/** The record of a notebook's run; undefined if it was run by other means. */
export function recordOf({ metadata }: Notebook): RunRecord | undefined {
  return metadata[key] as RunRecord | undefined;
}
