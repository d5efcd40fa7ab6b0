import { livez } from "../../ops/health-routes.ts";

export const dynamic = "force-dynamic";

export const GET = livez;
