// MessagePack as the rooms speak it: plain values, and maps with text keys.

import { Packr } from 'msgpackr'

export type Plain = null | undefined | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain }

const packr = new Packr({ useRecords: false, int64AsType: 'number' })

export function pack(value: unknown): Uint8Array {
  // Its memory is used again for the next one.
  return packr.pack(value).slice()
}

/** All that is there, one after the other, from `at` on. */
export function unpackAll(bytes: Uint8Array, at: number): readonly Plain[] {
  return packr.unpackMultiple(bytes.subarray(at)) ?? []
}
