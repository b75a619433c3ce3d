/** What intensity transforms keep of a channel. */

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
