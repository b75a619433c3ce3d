/** Statistics of random samples. */

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}

/** Standard error of the difference of two samples' means, from the variances of both. */
export function standardError(...samples: readonly (readonly number[])[]): number {
  const variances = samples.map((values) => {
    const middle = mean(values);
    const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    return squares / (values.length - 1) / values.length;
  });
  return Math.sqrt(variances.reduce((a, b) => a + b));
}
