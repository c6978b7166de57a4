import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a browser stays logged in, in milliseconds. */
const SESSION_MS = 12 * 3_600_000;
const COOKIE = 'costspan_dashboard';

/** Who may look: whoever knows the token. Compared in a time that does not tell how much of it was right. */
export class Access {
  readonly #token: string | undefined;
  /** Sessions end with the process. */
  readonly #key = randomBytes(32);

  /** Without a token, whoever reaches it may look. */
  constructor(token: string | undefined) {
    this.#token = token;
  }

  get isOpen(): boolean {
    return this.#token === undefined;
  }

  mayEnter(request: Request, now: Date): boolean {
    if (this.isOpen) return true;
    const bearer = /^Bearer\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    return bearer === undefined ? this.#isSession(request, now) : this.isToken(bearer);
  }

  isToken(given: string): boolean {
    return this.#token !== undefined && this.#isSame(given, this.#token);
  }

  /** For a browser that gave the token: out of reach of scripts, and never sent along from another site. */
  cookie(now: Date, isSecure: boolean): string {
    const until = String(now.getTime() + SESSION_MS);
    const secure = isSecure ? '; Secure' : '';
    return `${COOKIE}=${until}.${this.#sign(until)}; HttpOnly; SameSite=Strict; Max-Age=${SESSION_MS / 1000}${secure}`;
  }

  #isSession(request: Request, now: Date): boolean {
    const cookies = (request.headers.get('cookie') ?? '').split(';').map((each) => each.trim());
    return cookies.some((each) => {
      const [, until = '', signature = ''] =
        /^costspan_dashboard=(\d{1,16})\.([\w-]{1,100})$/.exec(each) ?? [];
      if (until === '' || !this.#isSame(signature, this.#sign(until))) return false;
      return Number(until) > now.getTime();
    });
  }

  #sign(until: string): string {
    return createHmac('sha256', this.#key)
      .update(`${until} ${this.#token ?? ''}`)
      .digest('base64url');
  }

  /** Both are made one length first: the time tells nothing of either. */
  #isSame(given: string, right: string): boolean {
    const digest = (text: string): Buffer => createHmac('sha256', this.#key).update(text).digest();
    return timingSafeEqual(digest(given), digest(right));
  }
}
