/** All chance of one run: the same seed throws the same numbers. */
import { createRandom } from '@nightdesk/local/simulators/engine/random.ts';

export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = createRandom(seed);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1));
  }

  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice {
    return choices[this.between(0, choices.length - 1)] ?? choices[0];
  }

  /** As `pick`, from a list that is made at run time. @throws TypeError when it is empty */
  pickOf<Choice>(choices: readonly Choice[]): Choice {
    const [first, ...others] = choices;
    if (first === undefined) throw new TypeError('there is nothing to pick from');
    return this.pick([first, ...others]);
  }
}
