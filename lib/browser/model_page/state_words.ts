/** Says in words where a case is on its way. */

import type { CaseState } from "./case_queue.ts";

/** Describes a state, such as `Segmenting, 42 %, about 12 s left`. */
export function describeState(state: CaseState): string {
  switch (state.kind) {
    case "asking":
      return {
        channels: "needs its channels",
        spacing: "needs its spacing",
        series: "needs a choice",
      }[
        state.question.kind
      ];
    case "waiting":
      return "waits";
    case "opening":
      return "Loading the model";
    case "reading":
      return "Reading";
    case "segmenting": {
      const left = describeTimeLeft(state.secondsLeft);
      return `${state.what}, ${percentOf(state)} %${left && `, ${left}`}`;
    }
    default:
      return state.kind;
  }
}

/** Whole percent of a segmentation; 100 only at its end. */
export function percentOf({ share }: { readonly share: number }): number {
  return Math.min(share < 1 ? 99 : 100, Math.max(0, Math.floor(100 * share)));
}

/** Describes seconds coarsely, as `about 12 s left`; empty if they are not known. */
export function describeTimeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 1.5) return "nearly done";
  if (seconds < 90) return `about ${Math.round(seconds)} s left`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${(seconds / 3600).toFixed(1)} h left`;
}
