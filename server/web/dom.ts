// Elements of the page. Text goes in as text alone, whoever wrote it: there is no way here to make markup of it, and the
// page's policy (trusted types) closes all others.

type Child = Node | string | number | null | false

interface Traits {
  readonly class?: string
  readonly id?: string
  readonly title?: string
  readonly disabled?: boolean
  readonly attributes?: Readonly<Record<string, string>>
  readonly click?: () => unknown
}

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  traits: Traits = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  if (traits.class !== undefined) element.className = traits.class
  if (traits.id !== undefined) element.id = traits.id
  if (traits.title !== undefined) element.title = traits.title
  for (const [name, value] of Object.entries(traits.attributes ?? {})) element.setAttribute(name, value)
  if (traits.disabled === true) element.setAttribute('disabled', '')
  const { click } = traits
  if (click !== undefined) element.addEventListener('click', () => void Promise.resolve(click()).catch(tellError))
  element.append(...children.filter((child) => child !== null && child !== false).map(asNode))
  return element
}

function asNode(child: Exclude<Child, null | false>): Node {
  return typeof child === 'object' ? child : document.createTextNode(String(child))
}

export function button(text: string, click: () => unknown, more: Traits = {}): HTMLButtonElement {
  return el('button', { ...more, click, attributes: { type: 'button', ...more.attributes } }, text)
}

export function field(label: string, input: HTMLElement): HTMLLabelElement {
  return el('label', { class: 'field' }, el('span', {}, label), input)
}

export function choice(name: string, options: readonly (readonly [value: string, text: string])[]): HTMLSelectElement {
  const select = el('select', { attributes: { name } })
  for (const [value, text] of options) select.append(el('option', { attributes: { value } }, text))
  return select
}

export function show(place: HTMLElement, ...children: readonly Child[]): void {
  place.replaceChildren(...children.filter((child) => child !== null && child !== false).map(asNode))
}

/** The element that the page is made with. */
export function place(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

const TOLD_MS = 6_000
let fading = 0

export function tell(text: string, kind: 'news' | 'error' = 'news'): void {
  const bar = place('told')
  bar.textContent = text
  bar.dataset.kind = kind
  clearTimeout(fading)
  fading = window.setTimeout(() => {
    bar.textContent = ''
  }, TOLD_MS)
}

export function tellError(error: unknown): void {
  tell(error instanceof Error ? error.message : 'Something went wrong.', 'error')
}
