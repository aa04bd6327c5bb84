/** What a request to our own server shows that it may, besides `X-Launch`. The cookie goes along by itself; where a browser returns none, `proof/` stands in. */

/** Headers for one request; `url` is absolute. */
export type Credentials = (request: {
  readonly method: string;
  readonly url: string;
}) => Promise<Readonly<Record<string, string>>>;
