/** What a parity check finds: how many of its subjects are alike on both sides. */
export interface Agreement {
  readonly of: string;
  readonly agreed: number;
  readonly total: number;
}
