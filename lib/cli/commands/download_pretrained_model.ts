/** `download_pretrained_model_by_url`: downloads and unpacks models that others trained. */

import type { Command } from "../../packages/commander.ts";
import { nameSome } from "../../files/some_names.ts";
import { ownOrigin } from "../../launch/origin.ts";
import { quotedForShell, startArguments } from "../../launch/start_arguments.ts";
import { downloadModels } from "../../model/download_model.ts";
import { formatBytes } from "../../options/format_bytes.ts";
import { NetworkDeniedError } from "../../platform/download_file.ts";
import { resolveFolder } from "../folders.ts";
import { interruptSignal } from "../interrupt.ts";
import { bar, formatDuration, StatusLine } from "../status_line.ts";

interface Options {
  overwrite: boolean;
  root?: string;
}

export function addDownloadPretrainedModel(program: Command): void {
  program.command("download_pretrained_model_by_url")
    .description("Download models that this program or nnU-Net packed, and unpack them.")
    .argument("<url>", "address of the zip file; a download that was stopped continues")
    .option("--overwrite", "replace existing models", false)
    .option("--root <dir>", "parent of nnUNet_raw, nnUNet_preprocessed and nnUNet_results")
    .action(async (url: string, { overwrite, root }: Options) => {
      const line = new StatusLine();
      const show = downloadProgress(line);
      const models = await downloadModels(url, resolveFolder("results", root), {
        overwrite,
        signal: interruptSignal("Stopped; the same command continues the download"),
        onProgress: show,
        onResume: (bytes) => line.print(`${formatBytes(bytes)} are there from an earlier download`),
        onLeftOut: (names) =>
          line.print(
            `Leaving out ${names.length} files that are no part of a model: ${nameSome(names)}`,
          ),
      }).catch((error) => {
        throw error instanceof NetworkDeniedError
          ? withCommand(error, url, { overwrite, root })
          : error;
      });
      for (const folder of models) line.print(`Installed ${folder}`);
      line.print(
        "The licence of the data that a model was trained on also holds for its use; ask its authors",
      );
    });
}

/** Adds the command that may use the network to the error of one that may not. */
function withCommand(error: NetworkDeniedError, url: string, { overwrite, root }: Options): Error {
  const args = startArguments(ownOrigin())
    .map((arg) => arg === "--deny-net" ? "--allow-net" : arg);
  const command = [
    ...["deno", ...args, "download_pretrained_model_by_url", url],
    ...overwrite ? ["--overwrite"] : [],
    ...root === undefined ? [] : ["--root", root],
  ];
  return new Error(
    `${error.message}; only this command needs it, so type: ${
      command.map(quotedForShell).join(" ")
    }`,
    { cause: error },
  );
}

/** Returns a callback that shows how much of a file has arrived, and the time left. */
function downloadProgress(line: StatusLine): (done: number, total: number | undefined) => void {
  const begin = performance.now();
  let first: number | undefined;
  return (done, total) => {
    first ??= done;
    const amount = formatBytes(done);
    if (total === undefined) return line.show(`downloading ${amount}`);
    const seconds = (performance.now() - begin) / 1000;
    const left = done > first
      ? `, ${formatDuration(seconds / (done - first) * (total - done))} left`
      : "";
    line.show(`downloading ${bar(done / total)} ${amount} of ${formatBytes(total)}${left}`);
  };
}
