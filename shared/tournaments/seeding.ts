// Where seeds stand: in a tree of matches, in groups, and in the rounds in which everyone meets everyone. Seeds count from
// 0, the best first. Pure tables, which the formats read; nothing here knows of results.

/** The least power of two that is not less: how many places a tree has for so many entrants. */
export function treeSize(entrants: number): number {
  let size = 1
  while (size < entrants) size *= 2
  return size
}

/**
 * The seeds from the top of the first round to its bottom: 0, 7, 3, 4, 1, 6, 2, 5 for eight. In every round the seeds of a
 * match add up to one number if the better one wins throughout, so that 0 and 1 meet in the final and nowhere before.
 */
export function treeOrder(size: number): readonly number[] {
  let order = [0]
  while (order.length < size) {
    const last = 2 * order.length - 1
    // Each seed keeps its place and gets the weakest of the larger field below it, as brackets are printed.
    order = order.flatMap((seed) => [seed, last - seed])
  }
  return order
}

export type SeedPair = readonly [white: number, black: number]

/**
 * The Berger tables: rounds of pairs in which everyone of `count` meets everyone once, who stands first having the better
 * side. With an odd count the one who would meet the absent last is free. Sides of nobody differ by more than one.
 */
export function bergerRounds(count: number): readonly (readonly SeedPair[])[] {
  const even = count + (count % 2)
  const last = even - 1
  return Array.from({ length: Math.max(0, last) }, (_, round) => {
    const pairs: SeedPair[] = []
    // The last one stays, and changes sides each round; the others turn by half of a circle, so that sides alternate.
    const turn = (round * (even / 2)) % last
    pairs.push(round % 2 === 0 ? [turn, last] : [last, turn])
    for (let step = 1; step < even / 2; step += 1) {
      pairs.push([(turn + step) % last, (turn + last - step) % last])
    }
    return pairs.filter((pair) => pair.every((seed) => seed < count))
  })
}

/** Snake seeding: the seeds of each group, 0 1 2 then 5 4 3 and so on, so that groups are as strong as each other. */
export function snakeGroups(entrants: number, groups: number): readonly (readonly number[])[] {
  const snake = Array.from({ length: groups }, (): number[] => [])
  for (let seed = 0; seed < entrants; seed += 1) {
    const [row, column] = [Math.floor(seed / groups), seed % groups]
    snake[row % 2 === 0 ? column : groups - 1 - column]?.push(seed)
  }
  return snake
}
