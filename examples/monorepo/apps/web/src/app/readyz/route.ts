import { context } from "../../context.ts";
import { readyz } from "../../ops/health-routes.ts";

export const dynamic = "force-dynamic";

export const GET = () => readyz(context().health);
