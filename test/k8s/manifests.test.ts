// The manifests of k8s/base as a cluster would read them: complete, consistent with the server's names, least privilege.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { z } from 'zod'
import { parseConfig } from '../../server/config.ts'

const base = join(import.meta.dirname, '..', '..', 'k8s', 'base')
const read = (file: string): unknown => parse(readFileSync(join(base, file), 'utf8'))

const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) })
const amounts = z.object({ cpu: z.string(), memory: z.string() })
const secretRef = z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) })
const port = z.object({ name: z.string(), containerPort: z.number() })

const container = z.object({
  image: z.string(),
  ports: z.array(port),
  env: z.array(z.object({ name: z.string(), value: z.string().optional(), valueFrom: secretRef.optional() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.object({ requests: amounts, limits: amounts }),
  securityContext: z.object({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.object({ drop: z.array(z.string()) }),
  }),
  volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
})

const pod = z.object({
  terminationGracePeriodSeconds: z.number(),
  securityContext: z.object({ runAsNonRoot: z.boolean(), runAsUser: z.number(), fsGroup: z.number() }),
  containers: z.tuple([container]),
  volumes: z.array(
    z.object({ name: z.string(), persistentVolumeClaim: z.object({ claimName: z.string() }).optional() }),
  ),
})

const Deployment = z.object({
  apiVersion: z.literal('apps/v1'),
  kind: z.literal('Deployment'),
  spec: z.object({
    replicas: z.number(),
    strategy: z.object({ type: z.string() }),
    template: z.object({ spec: pod }),
  }),
})

const Service = z.object({
  kind: z.literal('Service'),
  spec: z.object({ ports: z.tuple([z.object({ port: z.number(), targetPort: z.string() })]) }),
})

const Claim = z.object({
  kind: z.literal('PersistentVolumeClaim'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({ accessModes: z.array(z.string()) }),
})

const Kustomization = z.object({
  kind: z.literal('Kustomization'),
  resources: z.array(z.string()).nonempty(),
  labels: z.array(z.object({ pairs: z.record(z.string(), z.string()), includeSelectors: z.boolean() })).nonempty(),
})

describe('k8s/base', () => {
  const deployment = Deployment.parse(read('deployment.yaml')).spec
  const podSpec = deployment.template.spec
  const [realtime] = podSpec.containers
  const env = new Map(realtime.env.map((variable) => [variable.name, variable]))

  it('lists resources that exist', () => {
    const { resources } = Kustomization.parse(read('kustomization.yaml'))
    for (const file of resources) expect(existsSync(join(base, file)), file).to.equal(true)
    expect(resources).to.include.members(['deployment.yaml', 'service.yaml', 'pvc.yaml'])
  })

  it('leaves selectors and template labels to one place, which sets both', () => {
    const [labels] = Kustomization.parse(read('kustomization.yaml')).labels
    expect(labels?.includeSelectors).to.equal(true)
    expect(labels?.pairs).to.have.property('app.kubernetes.io/name', 'realtime')
  })

  it('agrees on one port from the service to the process', () => {
    const [servicePort] = Service.parse(read('service.yaml')).spec.ports
    const [containerPort] = realtime.ports
    expect(servicePort.targetPort).to.equal(containerPort?.name)
    expect(servicePort.port).to.equal(containerPort?.containerPort)
    expect(env.get('PORT')?.value).to.equal(String(containerPort?.containerPort))
    expect(env.get('HOST')?.value).to.equal('0.0.0.0')
  })

  it('probes readiness and liveness on that port', () => {
    const probes = { ready: realtime.readinessProbe, live: realtime.livenessProbe, start: realtime.startupProbe }
    expect(probes.ready.httpGet).to.deep.equal({ path: '/health/ready', port: 'http' })
    expect(probes.live.httpGet).to.deep.equal({ path: '/health/live', port: 'http' })
    expect(probes.start.httpGet).to.deep.equal({ path: '/health/live', port: 'http' })
  })

  it('gives one writer the volume that DATA_DIR names', () => {
    const claim = Claim.parse(read('pvc.yaml'))
    const mount = realtime.volumeMounts.find(({ mountPath }) => mountPath === env.get('DATA_DIR')?.value)
    const volume = podSpec.volumes.find(({ name }) => name === mount?.name)
    expect(volume?.persistentVolumeClaim?.claimName).to.equal(claim.metadata.name)
    expect(claim.spec.accessModes).to.deep.equal(['ReadWriteOncePod'])
    expect(deployment.replicas).to.equal(1)
    expect(deployment.strategy.type).to.equal('Recreate')
    expect(podSpec.terminationGracePeriodSeconds).to.equal(60)
  })

  for (const [variable, key] of [
    ['TOKEN_SECRET', 'token-secret'],
    ['METRICS_TOKEN', 'metrics-token'],
  ] as const) {
    it(`takes ${variable} from the secret that whoever installs is told to make`, () => {
      const name = 'realtime-secrets'
      expect(env.get(variable)).to.deep.equal({ name: variable, valueFrom: { secretKeyRef: { name, key } } })
      const told = readFileSync(join(base, 'kustomization.yaml'), 'utf8')
      expect(told).to.include(`create secret generic ${name} `).and.to.include(`--from-literal=${key}=`)
    })
  }

  it('runs in production, with metrics for whoever has their token', () => {
    const given = realtime.env.map(({ name, value }) => [name, value ?? 's'.repeat(64)])
    const { production, metrics } = parseConfig(Object.fromEntries(given))
    expect(production).to.equal(true)
    expect(metrics.kind).to.equal('token')
  })

  it('runs with least privilege and within limits', () => {
    expect(podSpec.securityContext).to.deep.equal({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 })
    expect(realtime.securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    expect(realtime.resources.limits.memory).to.match(/^\d+(Mi|Gi)$/)
    expect(realtime.image).to.match(/^leetgaming\/realtime:\d+\.\d+\.\d+$/)
  })
})
