// What MongoDB itself refuses to keep (J3, S1): documents of another shape than documents.ts says. FerretDB knows no
// validators and goes without.

type Schema = Readonly<Record<string, unknown>>

const TEXT = { bsonType: 'string' } as const
const LONG = { bsonType: 'long' } as const
const DATE = { bsonType: 'date' } as const
const INT = { bsonType: 'int', minimum: 0 } as const
const HASH = { bsonType: 'string', pattern: '^[0-9a-f]{64}$' } as const
const PARTITION = { bsonType: 'string', pattern: '^[0-9]{4}$' } as const
const RECORD = { bsonType: 'string', pattern: '^[0-9]{4}:[0-9]{15}$' } as const

/** Exactly these fields; those in `optional` may be missing. */
function shape(fields: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(fields).filter((name) => !optional.includes(name))
  return { bsonType: 'object', required, properties: fields, additionalProperties: false }
}

const list = (items: Schema): Schema => ({ bsonType: 'array', items })

const KEYS = list(
  shape({ key: TEXT, hash: TEXT, seq: LONG, at: DATE, refused: { bsonType: ['string', 'null'] }, reply: TEXT }),
)

/** By collection. */
export const VALIDATORS = {
  records: shape({ _id: RECORD, line: TEXT, actor: TEXT, at: DATE, op: TEXT, key: TEXT, accounts: list(TEXT) }, [
    'key',
  ]),
  batches: shape({ _id: RECORD, lastSeq: LONG, position: LONG, hash: HASH, header: TEXT }),
  actors: shape(
    {
      _id: TEXT,
      v: shape({ s: LONG, state: TEXT, balances: list(shape({ account: TEXT, asset: TEXT, minor: TEXT })) }),
      k: shape({ s: LONG, full: INT, keys: KEYS }),
    },
    ['v', 'k'],
  ),
  keys: shape({ _id: TEXT, keys: KEYS }),
  partitions: shape({ _id: PARTITION, v: shape({ s: LONG, parts: INT, text: TEXT }) }),
  partition_parts: shape({ _id: TEXT, text: TEXT }),
  unsettled: shape({ _id: RECORD, state: INT }),
  checkpoints: shape({
    _id: PARTITION,
    v: shape({ s: LONG, position: LONG, hash: HASH, watermarks: list(shape({ source: INT, number: LONG })) }),
  }),
  closings: shape({
    _id: { bsonType: 'string', pattern: '^[0-9]{4}(:[0-9]{15}){2}$' },
    s: LONG,
    at: DATE,
    balances: TEXT,
  }),
  listings: shape({
    _id: TEXT,
    v: shape({ s: LONG, n: INT, kind: TEXT, status: TEXT, sort: LONG, tags: list(TEXT), fields: TEXT }),
  }),
  meta: shape({ _id: TEXT, format: INT, dataSet: TEXT, partitions: INT }),
} as const satisfies Readonly<Record<string, Schema>>
