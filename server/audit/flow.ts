// A sum per asset, small and signed. Nearly every record moves one asset: that one needs no list.

export class Flow {
  private asset = ''
  private minor = 0n
  private others: Map<string, bigint> | null = null

  add(asset: string, minor: bigint): void {
    if (this.asset === '') this.asset = asset
    if (this.asset === asset) {
      this.minor += minor
      return
    }
    this.others ??= new Map()
    this.others.set(asset, (this.others.get(asset) ?? 0n) + minor)
  }

  /** An asset whose sum is not zero, with that sum, or null. */
  firstNonZero(): { readonly asset: string; readonly minor: bigint } | null {
    if (this.minor !== 0n) return { asset: this.asset, minor: this.minor }
    if (this.others === null) return null
    for (const [asset, minor] of this.others) if (minor !== 0n) return { asset, minor }
    return null
  }

  rows(): readonly (readonly [string, bigint])[] {
    return this.asset === '' ? [] : [[this.asset, this.minor], ...(this.others ?? [])]
  }
}
