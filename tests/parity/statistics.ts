/** Statistics of random samples. */

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b) / values.length;
}

/** Standard error of the difference of two samples' means, from the variances of both. */
export function standardError(...samples: readonly (readonly number[])[]): number {
  return Math.sqrt(samples.map(squaredError).reduce((a, b) => a + b));
}

/** A confidence interval: the difference ± half its width. */
export interface Interval {
  readonly difference: number;
  readonly halfWidth: number;
}

/**
 * Welch's two-sided interval of the difference between two means, first minus second, which assumes
 * neither equal variances nor pairs.
 *
 * @param confidence Probability with which such intervals contain the true difference.
 */
export function differenceInterval(
  first: readonly number[],
  second: readonly number[],
  confidence = 0.95,
): Interval {
  const [a, b] = [first, second].map(squaredError);
  const difference = mean(first) - mean(second);
  if (a + b === 0) return { difference, halfWidth: 0 };
  // Welch and Satterthwaite's degrees of freedom.
  const freedom = (a + b) ** 2 / (a ** 2 / (first.length - 1) + b ** 2 / (second.length - 1));
  return { difference, halfWidth: studentQuantile(confidence, freedom) * Math.sqrt(a + b) };
}

/** The t that Student's distribution does not exceed in absolute value with a probability. */
export function studentQuantile(probability: number, freedom: number): number {
  // With t = √freedom tan θ, the density is proportional to cos(θ)^(freedom − 1).
  const integral = (end: number) => {
    const parts = 2000;
    let sum = 0;
    for (let i = 0; i < parts; i++) sum += Math.cos((i + 0.5) * end / parts) ** (freedom - 1);
    return sum * end / parts;
  };
  const total = integral(Math.PI / 2);
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (integral(middle) < probability * total) low = middle;
    else high = middle;
  }
  return Math.sqrt(freedom) * Math.tan(low);
}

/** Square of the standard error of a mean. */
function squaredError(values: readonly number[]): number {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return squares / (values.length - 1) / values.length;
}
