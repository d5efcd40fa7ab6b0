FROM node:24-trixie-slim AS base
WORKDIR /app

# pnpm in the version that package.json names.
FROM base AS pnpm
RUN --mount=type=cache,target=/root/.npm \
    npm install --global pnpm@12.21.0

FROM pnpm AS dependencies
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages ./packages
COPY apps/web/package.json ./apps/web/
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile --prod --filter '{./apps/web}...'

FROM pnpm AS build
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages ./packages
COPY apps/web/package.json ./apps/web/
RUN --mount=type=cache,target=/root/.local/share/pnpm/store \
    pnpm install --frozen-lockfile
COPY turbo.json ./
COPY apps/web/tsconfig.json apps/web/tsconfig.build.json apps/web/next.config.ts ./apps/web/
COPY apps/web/public ./apps/web/public
COPY apps/web/src ./apps/web/src
RUN TURBO_TELEMETRY_DISABLED=1 node_modules/.bin/turbo run build --filter=./apps/web && rm -rf packages/*/node_modules

FROM base
# Nothing is installed at run time, so the package managers go, and their own dependencies with them.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/yarn* /usr/local/bin/corepack
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=dependencies /app/packages ./packages
COPY --from=dependencies /app/apps/web/node_modules ./apps/web/node_modules
COPY --from=build /app/packages ./packages
COPY apps/web/package.json ./apps/web/
COPY --from=build /app/apps/web/.next/standalone ./apps/web/.next/standalone
COPY --from=build /app/apps/web/dist ./apps/web/dist
WORKDIR /app/apps/web
# The heap follows the container's memory limit; the rest is for buffers, stacks and the runtime itself.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-old-space-size-percentage=75
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="shop-web" \
      org.opencontainers.image.description="The web application." \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.revision="${REVISION}"
# Files belong to root: the service can read its code and not change it.
USER 10001:10001
EXPOSE 3001
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3001}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node"]
CMD ["dist/server.js"]
