// The arena on a canvas: what the newest view shows, moved smoothly from the one before, and what the player does with keys
// and mouse, or with the buttons and a finger on a phone.

import type { ArenaScene, ArenaView } from '../../shared/games/arena/viewLayout.ts'
import {
  arenaScene,
  FIGHTER,
  FIGHTER_STRIDE,
  HEAD,
  MARK,
  PART,
  PHASE,
  ROSTER,
  ROSTER_STRIDE,
  SHOT,
  SHOT_STRIDE,
  SOUND,
  SOUND_STRIDE,
} from '../../shared/games/arena/viewLayout.ts'
import { ArenaHands } from './arenaHands.ts'
import { el, show } from './dom.ts'

export interface Board {
  readonly element: HTMLElement
  /** A view of the game, as it came. */
  view(view: unknown): void
  end(): void
}

const TEAM_COLOURS = [
  '#4aa8ff',
  '#ff6b5e',
  '#ffd24a',
  '#7be07b',
  '#c792ff',
  '#ff9ed2',
  '#7fe7e7',
  '#e0a15a',
  '#b6c2cf',
  '#d6ff66',
]
const SHOT_SHOWN_MS = 120

interface Seen {
  readonly view: ArenaView
  readonly atMs: number
}

export class ArenaBoard implements Board {
  readonly element = el('div', { class: 'arena' })
  private readonly canvas = el('canvas', { class: 'field', attributes: { tabindex: '0', 'aria-label': 'arena' } })
  private readonly score = el('p', { class: 'score' })
  private readonly scene: ArenaScene
  private readonly hands: ArenaHands | null
  private newest: Seen | null = null
  private before: Seen | null = null
  private shots: { readonly row: readonly number[]; readonly untilMs: number }[] = []
  private frame = 0

  /** `send`: null for who looks on. */
  constructor(map: string | null, send: ((input: readonly number[]) => void) | null) {
    const scene = arenaScene(map ?? '')
    if (scene === null) throw new Error(`this page does not know the map ${map}`)
    this.scene = scene
    this.canvas.width = 960
    this.canvas.height = Math.round((960 * scene.height) / scene.width)
    this.hands = send === null ? null : new ArenaHands(this.canvas, scene.turn, send)
    show(this.element, this.score, this.canvas, this.hands?.buttons ?? null)
    const draw = (): void => {
      this.draw(performance.now())
      this.frame = requestAnimationFrame(draw)
    }
    this.frame = requestAnimationFrame(draw)
    if (send !== null) setTimeout(() => this.canvas.focus(), 0)
  }

  end(): void {
    cancelAnimationFrame(this.frame)
    this.hands?.end()
  }

  view(raw: unknown): void {
    const view = raw as ArenaView // as viewLayout.ts says
    const atMs = performance.now()
    this.before = this.newest
    this.newest = { view, atMs }
    const shots = view[PART.shots]
    for (let at = 0; at < shots.length; at += SHOT_STRIDE)
      this.shots.push({ row: shots.slice(at, at + SHOT_STRIDE), untilMs: atMs + SHOT_SHOWN_MS })
    const own = this.ownPlace(view)
    if (own !== null) this.hands?.standsAt(own.x / this.scene.width, own.y / this.scene.height)
    this.tellScore(view)
  }

  private ownPlace(view: ArenaView): { readonly x: number; readonly y: number } | null {
    const me = view[PART.head][HEAD.viewer] ?? -1
    const rows = view[PART.fighters]
    for (let at = 0; at < rows.length; at += FIGHTER_STRIDE)
      if (rows[at + FIGHTER.seat] === me) return { x: rows[at + FIGHTER.x] ?? 0, y: rows[at + FIGHTER.y] ?? 0 }
    return null
  }

  private tellScore(view: ArenaView): void {
    const head = view[PART.head]
    const seconds = Math.ceil((head[HEAD.ticksLeft] ?? 0) / this.scene.hz)
    const phase = head[HEAD.phase] === PHASE.overtime ? 'overtime, ' : ''
    const roster = view[PART.roster]
    const kills = []
    for (let at = 0; at < roster.length; at += ROSTER_STRIDE)
      kills.push(`${roster[at + ROSTER.kills] ?? 0}/${roster[at + ROSTER.deaths] ?? 0}`)
    const own =
      head[HEAD.viewer] === -1
        ? ''
        : (head[HEAD.respawnTicks] ?? 0) > 0
          ? ' · back in a moment'
          : ` · ${head[HEAD.ammo]} of ${this.scene.magazine}${(head[HEAD.reloadTicks] ?? 0) > 0 ? ', reloading' : ''}`
    this.score.textContent = `${phase}${seconds} s · ${kills.join('  ')}${own}`
  }

  private draw(nowMs: number): void {
    const context = this.canvas.getContext('2d')
    if (context === null) return
    const scale = this.canvas.width / this.scene.width
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.fillStyle = '#12161d'
    context.fillRect(0, 0, this.canvas.width, this.canvas.height)
    context.setTransform(scale, 0, 0, scale, 0, 0)
    context.fillStyle = '#3a4454'
    for (const { left, top, right, bottom } of this.scene.walls) context.fillRect(left, top, right - left, bottom - top)
    const { newest } = this
    if (newest === null) return
    this.drawKits(context, newest.view)
    this.drawShots(context, nowMs)
    this.drawFighters(context, newest, nowMs)
  }

  private drawKits(context: CanvasRenderingContext2D, view: ArenaView): void {
    const there = view[PART.head][HEAD.kits] ?? 0
    context.fillStyle = '#7be07b'
    const { unit, kits } = this.scene
    for (const [index, { x, y }] of kits.entries()) {
      if ((there & (1 << index)) === 0) continue
      context.fillRect(x - unit / 8, y - unit / 3, unit / 4, (2 * unit) / 3)
      context.fillRect(x - unit / 3, y - unit / 8, (2 * unit) / 3, unit / 4)
    }
    const sounds = view[PART.sounds]
    context.strokeStyle = '#8892a055'
    context.lineWidth = unit / 10
    for (let at = 0; at < sounds.length; at += SOUND_STRIDE) {
      context.beginPath()
      context.arc(sounds[at + SOUND.x] ?? 0, sounds[at + SOUND.y] ?? 0, this.scene.heardCell / 2, 0, 2 * Math.PI)
      context.stroke()
    }
  }

  private drawShots(context: CanvasRenderingContext2D, nowMs: number): void {
    this.shots = this.shots.filter(({ untilMs }) => untilMs > nowMs)
    context.strokeStyle = '#fff3b0'
    context.lineWidth = this.scene.unit / 12
    for (const { row } of this.shots) {
      context.beginPath()
      context.moveTo(row[SHOT.fromX] ?? 0, row[SHOT.fromY] ?? 0)
      context.lineTo(row[SHOT.toX] ?? 0, row[SHOT.toY] ?? 0)
      context.stroke()
    }
  }

  private drawFighters(context: CanvasRenderingContext2D, { view, atMs }: Seen, nowMs: number): void {
    const tickMs = 1_000 / this.scene.hz
    const part = Math.min(1, (nowMs - atMs) / tickMs)
    const old = new Map<number, number>()
    const rowsBefore = this.before?.view[PART.fighters] ?? []
    for (let at = 0; at < rowsBefore.length; at += FIGHTER_STRIDE) old.set(rowsBefore[at + FIGHTER.seat] ?? -1, at)
    const rows = view[PART.fighters]
    const me = view[PART.head][HEAD.viewer] ?? -1
    for (let at = 0; at < rows.length; at += FIGHTER_STRIDE) {
      const seat = rows[at + FIGHTER.seat] ?? 0
      const from = old.get(seat)
      const between = (field: number): number => {
        const now = rows[at + field] ?? 0
        const then = from === undefined ? now : (rowsBefore[from + field] ?? now)
        // Who came back elsewhere does not slide there.
        return Math.abs(now - then) > 2 * this.scene.unit ? now : then + (now - then) * part
      }
      const team = view[PART.roster][seat * ROSTER_STRIDE + ROSTER.team] ?? 0
      const place = { x: between(FIGHTER.x), y: between(FIGHTER.y) }
      this.drawFighter(context, rows.slice(at, at + FIGHTER_STRIDE), place, team, seat === me)
    }
  }

  private drawFighter(
    context: CanvasRenderingContext2D,
    row: readonly number[],
    { x, y }: { readonly x: number; readonly y: number },
    team: number,
    isMe: boolean,
  ): void {
    const { bodyRadius, turn, unit, fullHealth } = this.scene
    const angle = ((row[FIGHTER.aim] ?? 0) / turn) * 2 * Math.PI
    const marks = row[FIGHTER.marks] ?? 0
    context.globalAlpha = (marks & MARK.away) !== 0 ? 0.4 : 1
    context.fillStyle = TEAM_COLOURS[team % TEAM_COLOURS.length] ?? '#ffffff'
    context.beginPath()
    context.arc(x, y, bodyRadius, 0, 2 * Math.PI)
    context.fill()
    context.lineWidth = unit / 10
    if (isMe || (marks & MARK.shielded) !== 0) {
      context.strokeStyle = isMe ? '#ffffff' : '#9fe8ff'
      context.stroke()
    }
    context.strokeStyle = '#ffffff'
    context.beginPath()
    context.moveTo(x, y)
    context.lineTo(x + Math.cos(angle) * bodyRadius * 1.7, y + Math.sin(angle) * bodyRadius * 1.7)
    context.stroke()
    context.fillStyle = '#00000088'
    context.fillRect(x - unit / 2, y - unit * 0.85, unit, unit / 8)
    context.fillStyle = '#7be07b'
    context.fillRect(x - unit / 2, y - unit * 0.85, (unit * (row[FIGHTER.health] ?? 0)) / fullHealth, unit / 8)
    context.globalAlpha = 1
  }
}
