// Every registered game keeps what the loop and the recordings rely on.

import { GAMES } from '../../shared/games/registry.ts'
import { conformance } from './support/conformance.ts'

for (const game of GAMES.values()) conformance(game)
