/** `devices`: lists the devices to compute on. */

import type { Command } from "../../packages/commander.ts";
import { formatBytes } from "../../options/format_bytes.ts";
import { type DeviceReport, findDevices } from "../../runtime/find_devices.ts";
import { asTyped } from "../command_wording.ts";
import { printLine } from "../terminal.ts";

export function addDevices(program: Command): void {
  program.command("devices")
    .description("List the devices to compute on, and what the unavailable ones need.")
    .action(async () => {
      for (const report of await findDevices()) printLine(asTyped(formatDevice(report)));
    });
}

/** Formats a device as one line, or two if it is unavailable and there is a remedy. */
export function formatDevice(report: DeviceReport): string {
  const { device, isPresent, problem, remedy } = report;
  const name = device.padEnd(6);
  if (!isPresent) return `${name}  unavailable: ${problem}` + (remedy ? `\n        ${remedy}` : "");
  const { memoryBytes, freeMemoryBytes, largestTensorBytes, float16, isSoftware } = report;
  const facts = [
    report.name ?? "a GPU of unknown name",
    memoryBytes === undefined ? "memory unknown" : formatBytes(memoryBytes) +
      (freeMemoryBytes === undefined ? "" : ` (${formatBytes(freeMemoryBytes)} free)`),
    largestTensorBytes !== undefined && `tensors up to ${formatBytes(largestTensorBytes)}`,
    device !== "cpu" && (float16 ? "float16" : "no float16"),
    isSoftware && `in software: used only with --device ${device}`,
  ];
  return `${name}  ${facts.filter(Boolean).join(", ")}`;
}
