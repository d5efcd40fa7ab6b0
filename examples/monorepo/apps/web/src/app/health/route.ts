import { context } from "../../context.ts";
import { status } from "../../ops/health-routes.ts";

export const dynamic = "force-dynamic";

export const GET = () => status(context().health);
