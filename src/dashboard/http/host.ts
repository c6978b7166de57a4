/**
 * The name a request was made to, without its port. A page of another site can have its own name point at this machine
 * (DNS rebinding): the address is ours then, and the name is still its own.
 */
export function hostOf(request: Request): string {
  const host = request.headers.get('host') ?? new URL(request.url).host;
  return host.replace(/:\d+$/, '').toLowerCase();
}
