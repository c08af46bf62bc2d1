// How far the demo is: a bar that moves where a person looks on, one plain line for each tenth where the output is kept.

const WIDTH = 32
const EVERY_MS = 100

export class Progress {
  private readonly total: number
  private readonly bar = process.stdout.isTTY === true
  private done = 0
  private what = ''
  private tenths = 0
  private drawnAtMs = 0

  constructor(total: number) {
    this.total = total
  }

  /** A new phase, said at once. */
  say(what: string): void {
    this.what = what
    if (this.bar) this.draw()
    else console.log(what)
  }

  step(done: number): void {
    this.done = done
    if (this.bar) {
      if (performance.now() - this.drawnAtMs >= EVERY_MS) this.draw()
      return
    }
    const tenths = Math.floor((done * 10) / this.total)
    if (tenths <= this.tenths) return
    this.tenths = tenths
    console.log(`  ${tenths * 10} % of ${this.total} commands acknowledged`)
  }

  end(): void {
    if (this.bar) process.stdout.write('\r\x1b[K')
  }

  private draw(): void {
    this.drawnAtMs = performance.now()
    const share = this.total === 0 ? 1 : this.done / this.total
    const filled = Math.round(share * WIDTH)
    const cells = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
    process.stdout.write(`\r\x1b[K${cells} ${String(Math.floor(share * 100)).padStart(3)} %  ${this.what}`)
  }
}
