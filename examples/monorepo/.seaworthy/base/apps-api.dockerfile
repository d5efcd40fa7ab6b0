FROM node:24-trixie-slim AS base
WORKDIR /app

# pnpm in the version that package.json names.
FROM base AS pnpm
RUN --mount=type=cache,target=/root/.npm \
    npm install --global pnpm@12.21.0

FROM pnpm AS dependencies
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages ./packages
COPY apps/api/package.json ./apps/api/
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --prod --filter '{./apps/api}...'

FROM pnpm AS build
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages ./packages
COPY apps/api/package.json ./apps/api/
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile
COPY turbo.json ./
COPY apps/api/tsconfig.json apps/api/tsconfig.build.json ./apps/api/
COPY apps/api/src ./apps/api/src
RUN TURBO_TELEMETRY_DISABLED=1 node_modules/.bin/turbo run build --filter=./apps/api && rm -rf packages/*/node_modules

FROM base AS runtime
# Nothing is installed at run time, so the package managers go, and their own dependencies with them.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/yarn* /usr/local/bin/corepack
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/packages ./packages
COPY --from=dependencies /app/apps/api/node_modules ./apps/api/node_modules
COPY --from=build /app/packages ./packages
COPY apps/api/package.json ./apps/api/
COPY apps/api/migrations ./apps/api/migrations
COPY --from=build /app/apps/api/dist ./apps/api/dist
WORKDIR /app/apps/api
# The heap follows the container's memory limit; the rest is for buffers, stacks and the runtime itself.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-old-space-size-percentage=75
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="shop-api" \
      org.opencontainers.image.description="The API, and its background jobs." \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}"
# Files belong to root: the service can read its code and not change it.
USER 10001:10001
ENTRYPOINT ["node"]

# The same files, started as the worker: docker build --target worker
FROM runtime AS worker
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "dist/ops/worker-probe.js", "ready"]
CMD ["dist/worker.js"]

FROM runtime AS service
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["dist/server.js"]
