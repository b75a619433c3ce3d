/** What intensity transforms know of a channel, and give back to it. */

/** Mean, standard deviation and range, in one pass. */
export function statisticsOf(values: Float32Array) {
  // Deviations from the first value: sums of squares about zero lose digits where the mean is far.
  const pivot = values[0];
  let min = pivot, max = pivot, sum = 0, squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    const deviation = value - pivot;
    sum += deviation;
    squares += deviation * deviation;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const variance = (squares - sum * sum / values.length) / values.length;
  return {
    min,
    max,
    mean: pivot + sum / values.length,
    std: Math.sqrt(Math.max(variance, 0)),
  };
}

/** Mean alone. */
export function meanOf(values: Float32Array): number {
  // Four sums at once: each addition waits for the one before it only.
  const whole = values.length & ~3;
  let a = 0, b = 0, c = 0, d = 0;
  for (let i = 0; i < whole; i += 4) {
    a += values[i];
    b += values[i + 1];
    c += values[i + 2];
    d += values[i + 3];
  }
  for (let i = whole; i < values.length; i++) a += values[i];
  return (a + b + c + d) / values.length;
}

/** Smallest and largest value. */
export function rangeOf(values: Float32Array) {
  const whole = values.length & ~1;
  let min = values[0], otherMin = min, max = min, otherMax = min;
  for (let i = 0; i < whole; i += 2) {
    const value = values[i], other = values[i + 1];
    min = value < min ? value : min;
    otherMin = other < otherMin ? other : otherMin;
    max = value > max ? value : max;
    otherMax = other > otherMax ? other : otherMax;
  }
  const last = values[values.length - 1];
  return { min: Math.min(min, otherMin, last), max: Math.max(max, otherMax, last) };
}

/** `value · scale + shift`, in place. */
export function scaleAndShift(values: Float32Array, scale: number, shift: number) {
  for (let i = 0; i < values.length; i++) values[i] = values[i] * scale + shift;
}
