import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a request carries one of the tokens; in a time that does not tell how much of it was right. */
export function bearerCheck(tokens: readonly string[]): (request: Request) => boolean {
  const known = tokens.map(digest);
  return (request) => {
    const given = /^Bearer\s+(?<token>\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.groups
      ?.token;
    if (given === undefined) return false;
    const sent = digest(given);
    // Every token is compared, so that the time does not tell which one it was either.
    return known.reduce((found, each) => timingSafeEqual(each, sent) || found, false);
  };
}

/** Of one length, whatever was sent. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
