// What the programs with commands have in common: a mistake in the words is answered with how they are used, what the
// program knows of goes to one line, and whatever else is a bug keeps its stack.

import { ConfigError, type Environment } from './config.ts'
import { DataSetError, messageOf } from './dataSetError.ts'

/** The words make no sense. */
export class UsageError extends Error {}

export interface Program {
  readonly usage: string
  /** Errors beside those of configuration and data sets that are told in one line. */
  readonly expects: readonly (abstract new (
    ...args: never[]
  ) => Error)[]
  /** Answers the exit code. */
  run(args: readonly string[], env: Environment): Promise<number>
}

/** Sets the exit code: 2 where it could not be tried. */
export async function runProgram({ usage, expects, run }: Program): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2), process.env)
  } catch (error) {
    const isUsage = error instanceof UsageError || isParseError(error)
    const isExpected = [DataSetError, ConfigError, ...expects].some((known) => error instanceof known)
    if (!isUsage && !isExpected) throw error
    console.error(`Cannot do that: ${textOf(error)}${isUsage ? `\n${usage}` : ''}`)
    process.exitCode = 2
  }
}

function textOf(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.join('; ')
  const cause = error instanceof Error && error.cause !== undefined ? ` (${messageOf(error.cause)})` : ''
  return `${messageOf(error)}${cause}`
}

/** Of parseArgs. */
function isParseError(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}
