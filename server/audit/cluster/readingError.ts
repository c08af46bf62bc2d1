// A service that stopped answering in the midst of an audit: nothing is known to be wrong with the data.

export class ReadingError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ReadingError'
  }
}
