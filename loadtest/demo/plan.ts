// What the players of the demo do: a deposit in each asset, then transfers of small amounts to one another, so that
// nobody can run out of money and every command has to succeed.

import type { Command, Player } from './player.ts'

const DEPOSITS: readonly (readonly [currency: string, amount: string])[] = [
  ['USD', '250.00'],
  ['USDC', '100.000000'],
]
const LARGEST_CENTS = 40
const LARGEST_MICRO = 150_000

export function plan(players: readonly Player[], transfersEach: number): void {
  for (const [index, player] of players.entries()) {
    for (const [currency, amount] of DEPOSITS)
      player.commands.push(command('deposit', `d-${currency}`, '', currency, amount))
    for (let number = 0; number < transfersEach; number++) {
      const other = players[(index + 1 + Math.floor(Math.random() * (players.length - 1))) % players.length]
      const [currency, amount] = number % 4 === 3 ? (['USDC', someUsdc()] as const) : (['USD', someUsd()] as const)
      player.commands.push(command('transfer', `t-${number}`, other?.walletId ?? '', currency, amount))
    }
  }
}

function command(type: Command['type'], key: string, to: string, currency: string, amount: string): Command {
  return { type, key, to, currency, amount, sends: 0, outcome: null }
}

function someUsd(): string {
  return `0.${String(1 + Math.floor(Math.random() * LARGEST_CENTS)).padStart(2, '0')}`
}

function someUsdc(): string {
  return `0.${String(1 + Math.floor(Math.random() * LARGEST_MICRO)).padStart(6, '0')}`
}
