// Statements handed in, on SQLite: the suite of the port.

import { join } from 'node:path'
import { SqliteStatements, STATEMENTS_FILE } from '../../server/reconciliation/statements/sqliteStatements.ts'
import { temporaryFolder } from '../support/server.ts'
import { statementBookSuite } from './statementBook.suite.ts'

const folder = temporaryFolder()

statementBookSuite('SQLite', async (name) => new SqliteStatements(join(folder, name, STATEMENTS_FILE)))
