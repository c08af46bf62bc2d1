// Puts together what names the same things: items are of one group where a chain of shared references leads from one to
// the other. A line that names several of our references, and several lines that name one, become one group so. Nothing
// is put together by amount.

import { type AnyItem, compareItems, inOrder, type Line, type Movement, ownReference } from './items.ts'

export interface Group {
  readonly asset: string
  /** Oldest first. */
  readonly movements: readonly Movement[]
  readonly lines: readonly Line[]
}

/** In the order of their oldest items. */
export function groupsOf(movements: readonly Movement[], lines: readonly Line[]): readonly Group[] {
  const roots = new Roots()
  for (const item of [...movements, ...lines]) roots.join(namesOf(item))
  const found = new Map<string, { movements: Movement[]; lines: Line[] }>()
  const of = (item: AnyItem): { movements: Movement[]; lines: Line[] } => {
    const root = roots.find(namesOf(item)[0] ?? '')
    const known = found.get(root)
    if (known !== undefined) return known
    const made = { movements: [], lines: [] }
    found.set(root, made)
    return made
  }
  for (const movement of movements) of(movement).movements.push(movement)
  for (const line of lines) of(line).lines.push(line)
  const groups = [...found.values()].map((group) => ({
    asset: (group.movements[0] ?? group.lines[0])?.asset ?? '',
    movements: inOrder(group.movements),
    lines: inOrder(group.lines),
  }))
  return groups.sort((a, b) => compareGroups(a, b))
}

function compareGroups(a: Group, b: Group): number {
  const [first, second] = [oldestOf(a), oldestOf(b)]
  return first === undefined || second === undefined ? 0 : compareItems(first, second)
}

function oldestOf({ movements, lines }: Group): AnyItem | undefined {
  const [movement, line] = [movements[0], lines[0]]
  if (movement === undefined || line === undefined) return movement ?? line
  return compareItems(movement, line) < 0 ? movement : line
}

// Money of two assets never explains each other, whatever it is called.
function namesOf(item: AnyItem): readonly string[] {
  return [ownReference(item), ...item.references].map((name) => `${item.asset} ${name}`)
}

/** Sets of names, each known by one of them. */
class Roots {
  private readonly parents = new Map<string, string>()

  find(name: string): string {
    let root = name
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent
    // Shortened on the way, so that a long chain is walked once.
    for (let at = name; at !== root; ) {
      const next = this.parents.get(at) ?? root
      this.parents.set(at, root)
      at = next
    }
    return root
  }

  join(names: readonly string[]): void {
    const [first, ...others] = names
    if (first === undefined) return
    for (const other of others) {
      const [a, b] = [this.find(first), this.find(other)]
      if (a !== b) this.parents.set(b, a)
    }
  }
}
