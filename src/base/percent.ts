/**
 * Percent-decoding that leaves a `%` alone where no two hex digits follow: `50%off` stays, `a%20b` is `a b`.
 * Passwords and tokens come both ways.
 */
export function decodePercent(text: string): string {
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
