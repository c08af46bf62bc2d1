// What a step of a proof comes to: something, or why it is refused, in words that go on from the name of what is refused.

export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly why: string }
