// Where an audit reads a data set that many processes share: of the server's own variables, those it needs.

import { type ClusterBacking, type Config, ConfigError, DEFAULT_PARTITIONS, variablesOf } from '../../config.ts'

export type AuditedServices = Readonly<
  Pick<ClusterBacking, 'natsUrls' | 'mongoUrl' | 'dataSet' | 'journalStreams' | 'journalReplicas'> &
    Pick<Config, 'partitions'>
>

/** Null where the variables name no services. Throws ConfigError. */
export function parseAuditedServices(env: Parameters<typeof variablesOf>[0]): AuditedServices | null {
  const values = variablesOf(env)
  const { NATS_URL: natsUrls, MONGO_URL: mongoUrl } = values
  if (natsUrls === undefined && mongoUrl === undefined) return null
  if (natsUrls === undefined) throw new ConfigError(['NATS_URL: set as well, since MONGO_URL is'])
  if (mongoUrl === undefined) throw new ConfigError(['MONGO_URL: set as well, since NATS_URL is'])
  return Object.freeze({
    natsUrls: Object.freeze(natsUrls),
    mongoUrl,
    dataSet: values.DATA_SET,
    journalStreams: values.JOURNAL_STREAMS,
    journalReplicas: Number(values.JOURNAL_REPLICAS),
    partitions: values.PARTITIONS ?? DEFAULT_PARTITIONS.cluster,
  })
}
