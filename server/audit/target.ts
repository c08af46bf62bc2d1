// Which data set an audit is of: a folder that was named, or, where none was, the services that the variables name, or
// the folder that they name.

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Environment } from '../config.ts'
import { DataSetError } from '../dataSetError.ts'
import { type AuditedServices, parseAuditedServices } from './cluster/auditedServices.ts'

export type Target =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'services'; readonly services: AuditedServices }

/** Throws ConfigError where variables make no sense, DataSetError where no data set is in the folder. */
export function auditTarget(named: string | undefined, env: Environment): Target {
  const services = named === undefined ? parseAuditedServices(env) : null
  if (services !== null) return { kind: 'services', services }
  const folder = resolve(named ?? env.DATA_DIR ?? './data')
  const remedy = 'Name a data folder with --data DIR or DATA_DIR'
  // Asked before the folder is locked, which would make it.
  if (!existsSync(folder)) throw new DataSetError(folder, 'no such folder', remedy)
  if (!existsSync(join(folder, 'journal.db')))
    throw new DataSetError(folder, 'no data set is here (journal.db)', remedy)
  return { kind: 'folder', folder }
}
