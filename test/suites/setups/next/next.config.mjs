/** @type {import('next').NextConfig} */
export default {
  ...(process.env.STANDALONE === '1' && { output: 'standalone' }),
  serverExternalPackages: process.env.BUNDLED === '1' ? ['costspan'] : ['costspan', 'openai'],
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
};
