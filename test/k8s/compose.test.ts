// compose.yaml as Docker would read it: one process on embedded storage by default, and the services that many share, with
// what the journal's promise rests on.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { z } from 'zod'
import { DEFAULT_MONITOR_PORT, DEFAULT_PORTS, VARIABLES } from '../../server/bin/services/commands.ts'
import { SERVICE_NAMES } from '../../server/bin/services/programs.ts'
import { NATS_SERVER_VERSION } from '../../server/bin/services/versions.ts'
import { parseConfig } from '../../server/config.ts'

const ROOT = join(import.meta.dirname, '..', '..')

const service = z.object({
  image: z.string(),
  profiles: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
})

const Compose = z.object({
  services: z.object({ realtime: service, member: service, nats: service, mongo: service, redis: service }),
  configs: z.object({ nats: z.object({ content: z.string() }) }),
  volumes: z.record(z.string(), z.null()),
})

describe('compose.yaml', () => {
  const { services, configs, volumes } = Compose.parse(parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8')))
  const { realtime, member } = services

  it('starts one process on embedded storage unless the services are asked for', () => {
    const unasked = Object.entries(services).filter(([, { profiles }]) => profiles.length === 0)
    expect(unasked.map(([name]) => name)).to.deep.equal(['realtime'])
    expect(parseConfig({ ...realtime.environment, TOKEN_SECRET: 's'.repeat(64) }).backing.kind).to.equal('embedded')
  })

  it('has the server of a cluster wait for healthy services, and names them as it understands', () => {
    const { backing } = parseConfig({ ...member.environment, TOKEN_SECRET: 's'.repeat(64), NODE_ENV: 'production' })
    expect(backing.kind).to.equal('cluster')
    for (const name of SERVICE_NAMES) {
      expect(services[name].healthcheck, name).to.not.equal(undefined)
      expect(member.depends_on[name]?.condition).to.equal('service_healthy')
      expect(new URL(member.environment[VARIABLES[name]] ?? '').host).to.equal(`${name}:${DEFAULT_PORTS[name]}`)
    }
  })

  it('shows the services, which ask for no password, to this machine alone', () => {
    for (const name of SERVICE_NAMES) {
      const ports = name === 'nats' ? [DEFAULT_PORTS.nats, DEFAULT_MONITOR_PORT] : [DEFAULT_PORTS[name]]
      expect(services[name].ports).to.deep.equal(ports.map((port) => `127.0.0.1:${port}:${port}`))
    }
  })

  it('runs the NATS of `npm run services`, which syncs before it acknowledges, on a volume', () => {
    expect(services.nats.image).to.equal(`nats:${NATS_SERVER_VERSION}-alpine`)
    expect(configs.nats.content)
      .to.match(/^ +sync_interval: always$/m)
      .and.to.match(/^ +store_dir: "\/data"$/m)
    expect(services.nats.volumes).to.deep.equal(['nats:/data'])
  })

  it('declares every volume it uses', () => {
    const used = Object.values(services).flatMap((one) => one.volumes.map((volume) => volume.split(':')[0]))
    expect(Object.keys(volumes)).to.have.members(used)
  })
})
