import type { NextConfig } from "next";
import { RESPONSE_HEADERS } from "./src/ops/security.ts";

// Builds and servers report nothing about themselves, wherever they run.
process.env["NEXT_TELEMETRY_DISABLED"] = "1";

const config: NextConfig = {
  // The server with the part of node_modules that it needs, in .next/standalone.
  output: "standalone",
  poweredByHeader: false,
  reactStrictMode: true,
  headers: async () => [{ source: "/:path*", headers: RESPONSE_HEADERS }],
  // Pictures go out as they are. To have them scaled, take out both of these: sharp, with 20 MB of
  // native code, then comes into the image.
  images: { unoptimized: true },
  outputFileTracingExcludes: {
    "*": ["../../node_modules/.pnpm/sharp@*/**", "../../node_modules/.pnpm/@img+*/**"],
  },
  // The file system of the image is read-only: what is cached stays in memory.
  experimental: { isrFlushToDisk: false },
};

export default config;
