// Blobs in a bucket of S3, or of whatever speaks its protocol (Google Cloud Storage, MinIO, Ceph). A bucket gives what the
// port asks for by itself: an object is there whole or not at all, and is durable once it was answered for.

import type { Blobs } from '../../rooms/blobs.ts'
import { assertBlobName, assertBlobPrefix } from './blobName.ts'

export interface S3Bucket {
  /** Null for Amazon's own. */
  readonly endpoint: string | null
  readonly region: string
  readonly bucket: string
  /** What goes before each name, ending in `/`; or nothing. */
  readonly prefix: string
  /** Null: found as Amazon's clients find them (environment, role of the pod). */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null
}

/** Of one try, in ms; the client makes up to three. */
const CONNECT_WITHIN_MS = 2_000
const ANSWER_WITHIN_MS = 10_000

type Sdk = typeof import('@aws-sdk/client-s3')

interface Loaded {
  readonly sdk: Sdk
  readonly client: InstanceType<Sdk['S3Client']>
}

export class S3Blobs implements Blobs {
  // Loaded where there is a bucket only: it takes a second, which every other start would pay as well.
  private readonly loaded: Promise<Loaded>
  private readonly bucket: string
  private readonly prefix: string

  constructor(place: S3Bucket) {
    this.loaded = load(place)
    // Whoever uses it first hears of a failure.
    this.loaded.catch(() => {})
    this.bucket = place.bucket
    this.prefix = place.prefix
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const at = this.at(name)
    const { sdk, client } = await this.loaded
    await client.send(new sdk.PutObjectCommand({ ...at, Body: bytes, ContentLength: bytes.byteLength }))
  }

  async get(name: string): Promise<Uint8Array | null> {
    const at = this.at(name)
    const { sdk, client } = await this.loaded
    try {
      const { Body: body } = await client.send(new sdk.GetObjectCommand(at))
      if (body === undefined) throw new Error(`${name}: an answer without a body`)
      return await body.transformToByteArray()
    } catch (error) {
      if (error instanceof sdk.NoSuchKey) return null
      throw error
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    assertBlobPrefix(prefix)
    const { sdk, client } = await this.loaded
    const names: string[] = []
    let from: string | undefined
    do {
      const page = await client.send(
        new sdk.ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: this.prefix + prefix,
          ...(from === undefined ? {} : { ContinuationToken: from }),
        }),
      )
      for (const { Key: key } of page.Contents ?? []) {
        if (key?.startsWith(this.prefix)) names.push(key.slice(this.prefix.length))
      }
      from = page.NextContinuationToken
    } while (from !== undefined)
    return names.sort()
  }

  async remove(name: string): Promise<void> {
    const at = this.at(name)
    const { sdk, client } = await this.loaded
    await client.send(new sdk.DeleteObjectCommand(at))
  }

  close(): void {
    this.loaded.then(({ client }) => client.destroy()).catch(() => {})
  }

  private at(name: string): { readonly Bucket: string; readonly Key: string } {
    assertBlobName(name)
    return { Bucket: this.bucket, Key: this.prefix + name }
  }
}

async function load({ endpoint, region, credentials }: S3Bucket): Promise<Loaded> {
  const sdk = await import('@aws-sdk/client-s3')
  const client = new sdk.S3Client({
    region,
    // Not every server of the protocol has a host name for each bucket.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === null ? {} : { credentials }),
    requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, requestTimeout: ANSWER_WITHIN_MS },
  })
  return { sdk, client }
}
