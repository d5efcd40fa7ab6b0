[% if features.database %]
import { askDatabase } from "./database[= imports =]";
[% endif %]
import { Health } from "./health[= imports =]";
import { healthRoutes } from "./health-routes[= imports =]";
import { logger } from "./log[= imports =]";
import type { Closer } from "./shutdown[= imports =]";
import { takeOver } from "./take-over[= imports =]";
