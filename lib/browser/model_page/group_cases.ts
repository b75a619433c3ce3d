/** Groups scans that were added into cases, by the channel numbers in their names. */

import { splitChannelSuffix } from "../../dataset/channels.ts";
import type { PageScan } from "./find_scans.ts";

/** The scans of a case. */
export interface CaseParts {
  readonly name: string;
  /**
   * One scan per channel, undefined where one is missing; or a single scan that may have all
   * channels.
   */
  readonly parts: readonly (PageScan | undefined)[];
  /** Whether only the reader knows which scan is which channel. */
  readonly isUnordered?: boolean;
}

/**
 * Groups scans into cases: `CASE_0000`, `CASE_0001`, … are the channels of `CASE`, as in nnU-Net.
 *
 * For a model of one channel every scan is a case. For others, scans without channel numbers are
 * either whole cases with all channels in one file, such as a colour picture, or all together the
 * channels of one case.
 *
 * @param channels Names of the model's channels.
 * @param countChannels Returns the number of channels in a scan's file.
 */
export async function groupCases(
  scans: readonly PageScan[],
  channels: readonly string[],
  countChannels: (scan: PageScan) => Promise<number>,
): Promise<CaseParts[]> {
  const count = channels.length;
  if (count === 1) {
    return scans.map((scan) => {
      const numbered = splitChannelSuffix(scan.stem);
      return { name: numbered?.channel === 0 ? numbered.caseName : scan.stem, parts: [scan] };
    });
  }
  const groups = new Map<string, CaseParts & { readonly parts: (PageScan | undefined)[] }>();
  const unnumbered: PageScan[] = [];
  for (const scan of scans) {
    const numbered = splitChannelSuffix(scan.stem);
    if (!numbered || numbered.channel >= count) {
      unnumbered.push(scan);
      continue;
    }
    const { caseName, channel } = numbered;
    // Cases of the same name in different folders are different cases.
    const key = scan.path.replace(/[^/]*$/, "") + caseName;
    const group = groups.get(key) ??
      { name: caseName, parts: new Array<PageScan | undefined>(count).fill(undefined) };
    group.parts[channel] ??= scan;
    groups.set(key, group);
  }
  const cases: CaseParts[] = [...groups.values()];
  if (unnumbered.length === 0) return cases;
  const wholeCases = await countChannels(unnumbered[0]) > 1;
  if (wholeCases) {
    return [...cases, ...unnumbered.map((scan) => ({ name: scan.stem, parts: [scan] }))];
  }
  const ordered = byChannelNames(unnumbered, channels);
  const missing = new Array<undefined>(Math.max(0, count - ordered.length)).fill(undefined);
  return [
    ...cases,
    { name: commonName(ordered), parts: [...ordered, ...missing], isUnordered: true },
  ];
}

/** Puts scans whose names contain a channel's name as a word in its place; the others keep their order. */
function byChannelNames(scans: readonly PageScan[], channels: readonly string[]): PageScan[] {
  const rest = [...scans];
  const found = channels.map((channel) => {
    const named = rest.findIndex(({ stem }) =>
      stem.toLowerCase().split(/[^\p{L}\p{N}]+/u).includes(channel.toLowerCase())
    );
    return named < 0 ? undefined : rest.splice(named, 1)[0];
  });
  return [...found.map((scan) => scan ?? rest.shift()), ...rest].filter((scan) =>
    scan !== undefined
  );
}

/** The beginning that all names share, without separators at its end; else the first name. */
function commonName(scans: readonly PageScan[]): string {
  const [first, ...others] = scans.map(({ stem }) => stem);
  let length = first.length;
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length).replace(/[^\p{L}\p{N}]+$/u, "") || first;
}
