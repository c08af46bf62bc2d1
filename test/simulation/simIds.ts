// Ids of 22 URL-safe characters, from the seed: as unguessable as a simulation needs.

import type { Ids } from '../../actors/runtime/ports.ts'
import type { Prng } from './prng.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export class SimIds implements Ids {
  private readonly prng: Prng

  constructor(prng: Prng) {
    this.prng = prng
  }

  newId(): string {
    let id = ''
    for (let index = 0; index < 22; index++) id += ALPHABET[this.prng.below(ALPHABET.length)]
    return id
  }
}
