/** Places ticks at whole numbers only, such as epochs. */

/** Most intervals between ticks: their labels have room in a narrow page. */
const MAX_INTERVALS = 8;

/**
 * Returns ticks of a Plotly axis for whole values. Plotly's own lie between two epochs if there are
 * few, and below zero if there is one.
 *
 * @param values Positions on the axis.
 * @returns The axis's attributes; none if a value is not whole.
 */
export function wholeTicks(values: readonly unknown[]): Record<string, unknown> {
  if (values.length === 0 || !values.every(Number.isInteger)) return {};
  const whole = values as readonly number[];
  const [low, high] = [Math.min(...whole), Math.max(...whole)];
  const step = roundStep((high - low) / MAX_INTERVALS);
  return {
    tickmode: "linear",
    tick0: 0,
    dtick: step,
    tickformat: "d",
    ...low === high ? { range: [low - 0.5, low + 0.5] } : {},
  };
}

/** Returns the next larger of 1, 2 and 5 times a power of ten, at least 1. */
function roundStep(atLeast: number): number {
  if (atLeast <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].find((factor) => factor * power >= atLeast)! * power;
}
