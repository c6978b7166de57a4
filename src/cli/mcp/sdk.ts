import { CostspanError } from '../../base/errors.ts';
import { loadOptionalPackage } from '../../base/optional-package.ts';

/** What of `@modelcontextprotocol/sdk` is used: its server over stdin and stdout, and the names of two requests. */
export interface McpSdk {
  readonly Server: new (info: object, options: object) => McpServer;
  readonly StdioServerTransport: new (
    stdin: NodeJS.ReadableStream,
    stdout: NodeJS.WritableStream,
  ) => McpTransport;
  readonly ListToolsRequestSchema: unknown;
  readonly CallToolRequestSchema: unknown;
}

export interface McpServer {
  setRequestHandler(schema: unknown, handler: (request: unknown) => unknown): void;
  connect(transport: McpTransport): Promise<void>;
}

/** The SDK's own; it is only handed from one of its parts to another. */
export type McpTransport = object;

const PACKAGE = '@modelcontextprotocol/sdk';
const PARTS = ['server/index.js', 'server/stdio.js', 'types.js'];
const NAMES = ['Server', 'StdioServerTransport', 'ListToolsRequestSchema', 'CallToolRequestSchema'];

/**
 * Loads the SDK for this command alone: with what it depends on it is 94 packages (1.32, 2026-11), which no
 * application should install that only records costs.
 *
 * @throws {CostspanError} `PACKAGE_MISSING`
 */
export function loadMcpSdk(): McpSdk {
  const sdk = Object.assign({}, ...PARTS.map((part) => loadOptionalPackage(`${PACKAGE}/${part}`))) as McpSdk;
  if (NAMES.every((name) => name in sdk)) return sdk;
  throw new CostspanError(
    'PACKAGE_MISSING',
    `costspan mcp needs the package ${PACKAGE} (1.x). Install it beside costspan, npm install ${PACKAGE}, or start both at once: npx -y -p costspan -p ${PACKAGE} costspan mcp`,
  );
}
