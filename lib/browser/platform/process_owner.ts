/** The owner of files that are being written; stands in for `lib/platform/process_owner.ts`. */

import type { ProcessOwner } from "../../platform/process_owner.ts";

export type { ProcessOwner };

/** Files belong to the page, so that there is one owner. */
const page: ProcessOwner = { machine: "00000000", boot: "0", pid: 0, start: 0 };

/** Returns the page. */
export function thisProcess(): ProcessOwner {
  return page;
}

/** Returns a name for messages. */
export function hostName(): string {
  return "this browser";
}

/** Returns the page as text, for file names. */
export function ownerToken({ machine, boot, pid, start }: ProcessOwner): string {
  return `${machine}-${boot}-${pid}-${start}`;
}

/** Pattern of {@link ownerToken}. */
export const ownerPattern = "0{8}-0-0-0";

/** Reads the text of {@link ownerToken}; undefined if it is none. */
export function parseOwnerToken(token: string): ProcessOwner | undefined {
  return token === ownerToken(page) ? page : undefined;
}
