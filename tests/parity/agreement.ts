/** The result of a parity check: how many of its subjects agree on both sides. */
export interface Agreement {
  readonly of: string;
  readonly agreed: number;
  readonly total: number;
}
