// What a player of the arena does: W A S D or the arrows, the mouse to aim and to shoot, R to reload. On a phone, buttons
// to walk and a finger on the field to shoot there. Sent when it changes, and not more often than it is read.

import { BUTTON } from '../../shared/games/arena/viewLayout.ts'
import { el } from './dom.ts'

const LEAST_PAUSE_MS = 40
const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ...{ KeyW: [0, -1], ArrowUp: [0, -1], KeyS: [0, 1], ArrowDown: [0, 1] },
  ...{ KeyA: [-1, 0], ArrowLeft: [-1, 0], KeyD: [1, 0], ArrowRight: [1, 0] },
}

export class ArenaHands {
  readonly buttons = el('div', { class: 'pad', attributes: { 'aria-label': 'walk' } })
  private readonly canvas: HTMLCanvasElement
  private readonly turn: number
  private readonly send: (input: readonly number[]) => void
  private readonly held = new Set<string>()
  private readonly ends: (() => void)[] = []
  /** Of the field, from 0 to 1. */
  private stands = { x: 0.5, y: 0.5 }
  private points = { x: 1, y: 0.5 }
  private isFiring = false
  private isReloading = false
  private sent = ''
  private readonly timer: number

  constructor(canvas: HTMLCanvasElement, turn: number, send: (input: readonly number[]) => void) {
    this.canvas = canvas
    this.turn = turn
    this.send = send
    this.on(window, 'keydown', (event) => this.key(event as KeyboardEvent, true)) // of that name
    this.on(window, 'keyup', (event) => this.key(event as KeyboardEvent, false)) // of that name
    this.on(window, 'blur', () => {
      this.held.clear()
      this.isFiring = false
    })
    for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'])
      this.on(type === 'pointerup' ? window : canvas, type, (event) => this.pointer(event as PointerEvent)) // of that name
    this.on(canvas, 'contextmenu', (event) => event.preventDefault())
    this.makeButtons()
    this.timer = window.setInterval(() => this.tell(), LEAST_PAUSE_MS)
  }

  standsAt(x: number, y: number): void {
    this.stands = { x, y }
  }

  end(): void {
    clearInterval(this.timer)
    for (const end of this.ends) end()
  }

  private on(target: EventTarget, type: string, listener: (event: Event) => void): void {
    target.addEventListener(type, listener)
    this.ends.push(() => target.removeEventListener(type, listener))
  }

  private key(event: KeyboardEvent, down: boolean): void {
    // Somebody writes.
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return
    if (event.code === 'KeyR') this.isReloading = down
    else if (event.code === 'Space') this.isFiring = down
    else if (STEPS[event.code] === undefined) return
    else if (down) this.held.add(event.code)
    else this.held.delete(event.code)
    event.preventDefault()
  }

  private pointer(event: PointerEvent): void {
    const box = this.canvas.getBoundingClientRect()
    if (event.type !== 'pointerup' && box.width > 0 && box.height > 0)
      this.points = { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height }
    if (event.type === 'pointerdown') {
      this.isFiring = true
      this.canvas.focus()
      event.preventDefault()
    } else if (event.type !== 'pointermove') this.isFiring = false
  }

  private makeButtons(): void {
    for (const [code, sign] of [
      ['KeyA', '◀'],
      ['KeyW', '▲'],
      ['KeyS', '▼'],
      ['KeyD', '▶'],
    ] as const) {
      const press = el('button', { attributes: { type: 'button' } }, sign)
      press.addEventListener('pointerdown', (event) => {
        event.preventDefault()
        this.held.add(code)
      })
      for (const type of ['pointerup', 'pointerleave', 'pointercancel'])
        press.addEventListener(type, () => this.held.delete(code))
      this.buttons.append(press)
    }
  }

  private tell(): void {
    let [x, y] = [0, 0]
    for (const code of this.held) {
      const [stepX, stepY] = STEPS[code] ?? [0, 0]
      x += stepX
      y += stepY
    }
    const { width, height } = this.canvas
    const angle = Math.atan2((this.points.y - this.stands.y) * height, (this.points.x - this.stands.x) * width)
    const aim = ((Math.round((angle / (2 * Math.PI)) * this.turn) % this.turn) + this.turn) % this.turn
    const buttons = (this.isFiring ? BUTTON.fire : 0) | (this.isReloading ? BUTTON.reload : 0)
    const input = [Math.sign(x), Math.sign(y), aim, buttons]
    const text = input.join(' ')
    if (text === this.sent) return
    this.sent = text
    this.send(input)
  }
}
