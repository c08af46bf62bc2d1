// The same suite over the protocol of S3, spoken by a real server of it.

import { expect } from 'chai'
import { S3Blobs } from '../../server/blobs/s3Blobs.ts'
import { describeWithServices, type Service, startS3 } from '../support/services.ts'
import { blobsSuite } from './blobs.suite.ts'

const KEYS = { accessKeyId: 'test', secretAccessKey: 'test' }

describeWithServices(['s3'], 'blobs in a bucket', () => {
  let service: Service
  const opened: S3Blobs[] = []
  const open = (prefix: string): S3Blobs => {
    const blobs = new S3Blobs({
      ...{ endpoint: service.url, region: 'us-east-1', bucket: 'leet', prefix, credentials: KEYS },
    })
    opened.push(blobs)
    return blobs
  }
  before(async () => {
    service = await startS3()
  })
  after(async () => {
    for (const blobs of opened) blobs.close()
    await service.stop()
  })

  blobsSuite('S3', async (name) => open(`${name}/`))

  it('rejects, and says null of nothing, where nobody answers', async () => {
    const away = new S3Blobs({
      ...{ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', bucket: 'leet', prefix: '', credentials: KEYS },
    })
    opened.push(away)
    const error = await away.get('x').then(
      () => null,
      (thrown: unknown) => thrown,
    )
    expect(error).to.be.instanceOf(Error)
  })

  it('rejects where there is no such bucket', async () => {
    const lost = new S3Blobs({
      ...{ endpoint: service.url, region: 'us-east-1', bucket: 'nobodys', prefix: '', credentials: KEYS },
    })
    opened.push(lost)
    for (const attempt of [() => lost.get('x'), () => lost.put('x', Buffer.from('x')), () => lost.list('')]) {
      const error = await attempt().then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect(error).to.be.instanceOf(Error)
    }
  })
})
