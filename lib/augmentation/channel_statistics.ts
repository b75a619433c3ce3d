/** What intensity transforms know of a channel, and give back to it. */

/** Mean, standard deviation and range, in one pass. */
export function statisticsOf(values: Float32Array) {
  // Deviations from the first value: sums of squares about zero lose digits where the mean is far.
  const pivot = values[0];
  // Two sums at once: each addition waits for the one before it only.
  let min = pivot, max = pivot, sum = 0, squares = 0, otherSum = 0, otherSquares = 0;
  for (let i = values.length & 1; i < values.length; i += 2) {
    const value = values[i], other = values[i + 1];
    const deviation = value - pivot, otherDeviation = other - pivot;
    sum += deviation;
    squares += deviation * deviation;
    otherSum += otherDeviation;
    otherSquares += otherDeviation * otherDeviation;
    if (value < min) min = value;
    else if (value > max) max = value;
    if (other < min) min = other;
    else if (other > max) max = other;
  }
  sum += otherSum;
  squares += otherSquares;
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

/** Mean and range, in one pass. */
export function meanAndRangeOf(values: Float32Array) {
  const whole = values.length & ~3;
  let a = 0, b = 0, c = 0, d = 0, min = values[0], max = min;
  const widen = (value: number) => {
    if (value < min) min = value;
    else if (value > max) max = value;
  };
  for (let i = 0; i < whole; i += 4) {
    const p = values[i], q = values[i + 1], r = values[i + 2], s = values[i + 3];
    a += p;
    b += q;
    c += r;
    d += s;
    widen(p);
    widen(q);
    widen(r);
    widen(s);
  }
  for (let i = whole; i < values.length; i++) {
    a += values[i];
    widen(values[i]);
  }
  return { mean: (a + b + c + d) / values.length, min, max };
}

/** `value · scale + shift`, in place. */
export function scaleAndShift(values: Float32Array, scale: number, shift: number) {
  for (let i = 0; i < values.length; i++) values[i] = values[i] * scale + shift;
}
