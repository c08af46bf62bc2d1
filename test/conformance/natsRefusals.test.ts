// Servers that are refused at start: each in one line that names NATS_URL and what to do, and no password.

import { createServer } from 'node:net'
import { expect } from 'chai'
import { refusal } from '../support/jetstreamBench.ts'
import { freePort } from '../support/server.ts'
import { describeWithServices, type NatsOptions, startNats } from '../support/services.ts'

/** A server that says this and nothing more. */
async function speaking(words: string): Promise<{ url: string; close(): void }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    if (words !== '') socket.write(words)
  })
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return { url: `nats://127.0.0.1:${port}`, close: () => server.close() }
}

describeWithServices(['nats'], 'nats-server is refused at start', () => {
  it('where nobody listens', async () => {
    const url = `nats://user:secret@127.0.0.1:${await freePort()}`
    expect(await refusal({ urls: [url] })).to.match(
      /^NATS_URL nats:\/\/127\.0\.0\.1:\d+: connection refused\. Start nats-server/,
    )
  })

  it('where the name is not known', async () => {
    expect(await refusal({ urls: ['nats://nats.invalid:4222'] })).to.match(
      /^NATS_URL nats:\/\/nats\.invalid:4222: .*Start nats-server/,
    )
  })

  it('where somebody listens and says nothing', async () => {
    const silent = await speaking('')
    expect(await refusal({ urls: [silent.url] })).to.match(/^NATS_URL .*: timeout\. Start nats-server/)
    silent.close()
  })

  it('where something else listens', async () => {
    const other = await speaking('220 mail.example.com ESMTP\r\n')
    expect(await refusal({ urls: [other.url] })).to.match(/^NATS_URL .*Start nats-server there, or set NATS_URL/)
    other.close()
  })

  it('where its servers have different users', async () => {
    const urls = ['nats://a:secret@127.0.0.1:1', 'nats://b:secret@127.0.0.1:2']
    expect(await refusal({ urls })).to.match(
      /^NATS_URL nats:\/\/127\.0\.0\.1:1,nats:\/\/127\.0\.0\.1:2: .*Give the same user/,
    )
  })

  const serverCases: readonly (readonly [string, NatsOptions, string, RegExp])[] = [
    [
      'with the wrong password',
      { config: 'authorization { user: leet, password: secret }' },
      'leet:wrong@',
      /^NATS_URL nats:\/\/127\.0\.0\.1:\d+: the server refuses these credentials\. Set NATS_URL to/,
    ],
    ['without any', { config: 'authorization { user: leet, password: secret }' }, '', /refuses these credentials/],
    [
      'with messages too small',
      { config: 'max_payload: 256KB' },
      '',
      /messages of 262144 bytes at most\. Set max_payload/,
    ],
    [
      'with JetStream not enabled for the account',
      { config: 'accounts { A { users: [{ user: leet, password: secret }] } }' },
      'leet:secret@',
      /JetStream is not enabled there .*\. Enable it/,
    ],
  ]
  for (const [title, options, user, expected] of serverCases) {
    it(`of a server ${title}`, async () => {
      const server = await startNats(options)
      expect(await refusal({ urls: [server.url.replace('//', `//${user}`)] })).to.match(expected)
      await server.kill()
    })
  }

  it('of a server that is too old', async () => {
    const info = { server_id: 'x', version: '2.12.2', max_payload: 1_048_576, headers: true, proto: 1 }
    const old = await speaking(`INFO ${JSON.stringify(info)}\r\nPONG\r\n`)
    expect(await refusal({ urls: [old.url] })).to.match(
      /nats-server 2\.12\.2 is too old\. Run nats-server 2\.12\.3 or newer/,
    )
    old.close()
  })
})
