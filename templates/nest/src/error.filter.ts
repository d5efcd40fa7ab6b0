import { type ArgumentsHost, Catch, type ExceptionFilter } from "@nestjs/common";
import type { Request, Response } from "express";

/** Says what a client did wrong. What went wrong in here is for the log alone. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    // Exceptions of Nest have both, and so have the errors of middleware.
    const { status = 500, message } = Object(error) as { status?: number; message?: string };
    if (status >= 400 && status < 500 && !response.headersSent) {
      // Nest would repeat the path that no route answers.
      const unknown = status === 404 && request.route === undefined;
      response.status(status).json({ error: unknown ? "Not found" : message });
      return;
    }
    request.log.error({ err: error }, "request failed");
    if (response.headersSent) {
      // Half an answer is out: closing the connection is how the client learns that the rest is missing.
      response.destroy();
      return;
    }
    response.status(500).json({ error: "Internal server error" });
  }
}
