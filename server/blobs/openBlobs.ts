// The place for blobs that the configuration names.

import type { Blobs } from '../../rooms/blobs.ts'
import type { BlobsPlace } from '../config.ts'
import { FileBlobs } from './fileBlobs.ts'
import { S3Blobs } from './s3Blobs.ts'

export interface OpenBlobs {
  readonly blobs: Blobs
  close(): void
}

export function openBlobs(place: BlobsPlace): OpenBlobs {
  if (place.kind === 'files') return { blobs: new FileBlobs(place.folder), close: () => {} }
  const blobs = new S3Blobs({ ...place, credentials: null })
  return { blobs, close: () => blobs.close() }
}
