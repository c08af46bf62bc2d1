// The duel of hidden choices: five elements to choose from, and what both have chosen once the round is over.

import { beats, ELEMENTS, type Element } from '../../shared/games/duel.ts'
import type { Board } from './arenaBoard.ts'
import { button, el, show } from './dom.ts'

interface DuelView {
  readonly phase: 'choose' | 'reveal' | 'over'
  readonly round: number
  readonly rounds: number
  readonly ticks_left: number
  readonly wins: readonly number[]
  readonly choices: readonly (Element | null)[]
}

const TICKS_A_SECOND = 10

export class DuelBoard implements Board {
  readonly element = el('div', { class: 'duel' })
  private readonly text = el('p', { class: 'score' })
  private readonly chosen = el('p', { class: 'chosen' })
  private readonly buttons: readonly HTMLButtonElement[]

  /** `send`: null for who looks on. */
  constructor(send: ((choice: Element) => void) | null) {
    this.buttons =
      send === null
        ? []
        : ELEMENTS.map((element) =>
            button(element, () => send(element), {
              title: `beats ${ELEMENTS.filter((other) => beats(element, other)).join(' and ')}`,
            }),
          )
    show(this.element, this.text, this.chosen, el('div', { class: 'row elements' }, ...this.buttons))
  }

  view(raw: unknown): void {
    const { phase, round, rounds, ticks_left: ticks, wins, choices } = raw as DuelView // as shared/games/duel.ts shows it
    const seconds = Math.ceil(ticks / TICKS_A_SECOND)
    this.text.textContent = `Round ${round} of ${rounds} · ${wins.join(' : ')} · ${phase === 'choose' ? `choose, ${seconds} s` : phase}`
    this.chosen.textContent = choices.map((choice) => choice ?? '?').join('  against  ')
    const isChoosing = phase === 'choose'
    for (const each of this.buttons) {
      each.disabled = !isChoosing
      each.classList.toggle('main', isChoosing && choices.includes(each.textContent as Element)) // its text is one
    }
  }

  end(): void {}
}
