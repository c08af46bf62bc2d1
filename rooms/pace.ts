// How often somebody may do something: so many at once, and then one each so many milliseconds.

export interface PaceLimits {
  readonly atOnce: number
  readonly everyMs: number
}

export class Pace {
  private readonly limits: PaceLimits
  private left: number
  /** Up to when what was used has grown again. */
  private grownMs: number | null = null

  constructor(limits: PaceLimits) {
    this.limits = limits
    this.left = limits.atOnce
  }

  /** False where it is too soon; that counts for nothing. */
  take(nowMs: number): boolean {
    const { atOnce, everyMs } = this.limits
    // A clock that is set back starts it anew.
    const since = this.grownMs === null || this.grownMs > nowMs ? nowMs : this.grownMs
    const grown = Math.floor((nowMs - since) / everyMs)
    this.left = Math.min(atOnce, this.left + grown)
    this.grownMs = this.left === atOnce ? nowMs : since + grown * everyMs
    if (this.left === 0) return false
    this.left--
    return true
  }
}
