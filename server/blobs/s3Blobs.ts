// Blobs in a bucket of S3, or of whatever speaks its protocol (Google Cloud Storage, MinIO, Ceph). A bucket gives what the
// port asks for by itself: an object is there whole or not at all, and is durable once it was answered for.

import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
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

export class S3Blobs implements Blobs {
  private readonly client: S3Client
  private readonly bucket: string
  private readonly prefix: string

  constructor({ endpoint, region, bucket, prefix, credentials }: S3Bucket) {
    this.client = new S3Client({
      region,
      // Not every server of the protocol has a host name for each bucket.
      ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
      ...(credentials === null ? {} : { credentials }),
      requestHandler: { connectionTimeout: CONNECT_WITHIN_MS, requestTimeout: ANSWER_WITHIN_MS },
    })
    this.bucket = bucket
    this.prefix = prefix
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await this.client.send(new PutObjectCommand({ ...this.at(name), Body: bytes, ContentLength: bytes.byteLength }))
  }

  async get(name: string): Promise<Uint8Array | null> {
    try {
      const { Body: body } = await this.client.send(new GetObjectCommand(this.at(name)))
      if (body === undefined) throw new Error(`${name}: an answer without a body`)
      return await body.transformToByteArray()
    } catch (error) {
      if (error instanceof NoSuchKey) return null
      throw error
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    assertBlobPrefix(prefix)
    const names: string[] = []
    let from: string | undefined
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({
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
    await this.client.send(new DeleteObjectCommand(this.at(name)))
  }

  close(): void {
    this.client.destroy()
  }

  private at(name: string): { readonly Bucket: string; readonly Key: string } {
    assertBlobName(name)
    return { Bucket: this.bucket, Key: this.prefix + name }
  }
}
