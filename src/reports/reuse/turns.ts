/** What is at work under a name, and what comes after it. */
interface Turn<T> {
  over: Promise<void>;
  next: Promise<T> | null;
}

/** What came of a turn, and whether it was taken for the one who asked or for another. */
export interface Taken<T> {
  value: T;
  own: boolean;
}

/**
 * Lets those who want the same done at the same time share it. Who comes while it is being done has it done once more
 * afterwards, together with all who do: so everybody gets what was begun after they came.
 */
export class Turns<T> {
  private readonly turns = new Map<string, Turn<T>>();

  /** Rejects as `act` does; the next turn is not kept from beginning by that. */
  async take(name: string, act: () => Promise<T>): Promise<Taken<T>> {
    const turn = this.turns.get(name);
    if (turn === undefined) return { value: await this.begin(name, act), own: true };
    const own = turn.next === null;
    turn.next ??= turn.over.then(() => this.begin(name, act));
    return { value: await turn.next, own };
  }

  private begin(name: string, act: () => Promise<T>): Promise<T> {
    const acted = act();
    const over = acted.then(
      () => undefined,
      () => undefined,
    );
    const turn: Turn<T> = { over, next: null };
    this.turns.set(name, turn);
    void over.then(() => turn.next === null && this.turns.delete(name));
    return acted;
  }
}
