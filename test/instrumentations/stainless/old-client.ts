/** What `buildRequest` of an early SDK makes: text, and headers that say how long it is. */
interface Built {
  req: { method: string; body?: string; headers: Record<string, string> };
  url: string;
  timeout: number;
}

interface Options {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly stream?: boolean;
}

/** A client as Stainless generated it in 2023 (openai 4): it builds its requests synchronously, and cannot wait there. */
export class OldClient {
  readonly baseURL: string;
  /** The requests that left, each as it left. */
  readonly sent: Built['req'][] = [];
  answer: (attempt: number) => Response | Promise<Response> = () => Response.json({});

  constructor(baseURL = 'https://api.openai.com/v1') {
    this.baseURL = baseURL;
  }

  get(path: string): Promise<unknown> {
    return this.request({ method: 'get', path });
  }

  post(path: string, body: unknown, stream = false): Promise<unknown> {
    return this.request({ method: 'post', path, body, stream });
  }

  async request(options: Options): Promise<unknown> {
    const { response } = await this.makeRequest(options, 1);
    if (options.stream === true) return response.text();
    return response.json();
  }

  async makeRequest(options: Options, retries: number): Promise<{ response: Response; options: Options }> {
    const { req, url } = this.buildRequest(options);
    const response = await this.fetchWithTimeout(url, req);
    if (response.ok || retries === 0) return { response, options };
    return this.retryRequest(options, retries);
  }

  buildRequest({ method, path, body }: Options): Built {
    const text = body === undefined ? undefined : JSON.stringify(body, null, 2);
    return {
      req: {
        method,
        headers: { 'content-length': String(Buffer.byteLength(text ?? '')) },
        ...(text === undefined ? {} : { body: text }),
      },
      url: `${this.baseURL}${path}`,
      timeout: 1000,
    };
  }

  async fetchWithTimeout(_url: string, req: Built['req']): Promise<Response> {
    this.sent.push(req);
    return this.answer(this.sent.length);
  }

  retryRequest(options: Options, retries: number): Promise<{ response: Response; options: Options }> {
    return this.makeRequest(options, retries - 1);
  }
}
