setTimeouts(server);
shutDownOnSignals({
  server,
  health,
  logger,
  delayMs: env.SHUTDOWN_DELAY_MS,
  timeoutMs: env.SHUTDOWN_TIMEOUT_MS,
  stopServing: () => once(server.close(), "close"),
  closers: services.closers,
});
// All interfaces: in a container the loopback interface is out of reach for everybody else.
server.listen({ host: "0.0.0.0", port: env.PORT });
await once(server, "listening");
logger.info({ port: env.PORT }, "listening");
