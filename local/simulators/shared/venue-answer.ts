/** What a venue answers to one request. */
export interface VenueAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  /** JSON text, or a page of HTML. */
  body: string;
  /** What the answer counts as, for venues that report errors with status 200. @default the status */
  outcome?: string;
}

/** An answer that is JSON text already. */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
