//! What templates see: the plan's own fields, and texts that are worked out from them.

use anyhow::Context;
use serde_json::{Map, Value as Json, json};

use super::{summary, zod};
use crate::plan::env::Source;
use crate::plan::packages::unrun_scripts;
use crate::plan::{Decision, EnvKey, Plan, Repository};
use crate::simulation::{Judged, chart, simulate};
use crate::spec::LOCAL_ENVIRONMENTS;
use crate::stack::parts;
use crate::stack::pins::Pins;
use crate::text;

/// The variables of every template. A template for one environment sees `environment` too.
pub(super) fn view(plan: &Plan) -> anyhow::Result<Map<String, Json>> {
    let pins = Pins::embedded()?;
    let Json::Object(mut view) = serde_json::to_value(plan)? else {
        anyhow::bail!("the plan does not serialise to an object");
    };
    let env: Vec<Json> = plan.env.iter().map(|key| env_view(key, plan)).collect::<anyhow::Result<_>>()?;
    let chosen = |wanted: fn(&EnvKey) -> bool| -> Vec<&Json> {
        plan.env.iter().zip(&env).filter(|(key, _)| wanted(key)).map(|(_, view)| view).collect()
    };
    let first = plan.environments.first().context("there is no environment")?;
    let production = plan.environments.last().context("there is no environment")?;
    let more = json!({
        "simulation": simulation(plan),
        "plain_env": chosen(|key| key.plain),
        // Cloud Run sets it itself, and refuses another value.
        "plain_env_without_port": chosen(|key| key.plain && key.name != "PORT"),
        "secret_env": chosen(|key| key.secret),
        "service_keys": chosen(EnvKey::is_service_key),
        "required_in_env": chosen(|key| !key.required_in.is_empty()),
        "start": text::json_list(&plan.image.start),
        "start_items": text::yaml_items(&plan.image.start),
        "passed_env": chosen(|key| !is_set_by_compose(key)),
        // Code that was there before gets the address of its database from compose.yaml, and from there only.
        "example_env": chosen(if plan.features.existing { |key| key.source != Source::Infrastructure } else { |_| true }),
        "dev_command": dev_command(plan),
        "worker_start": text::json_list(&plan.image.worker_start),
        "worker_start_items": text::yaml_items(&plan.image.worker_start),
        "env": env,
        "host_keys": host_keys(plan),
        "host_keys_in": host_keys_in(plan),
        "dev_services": dev_services(plan, "database", "redis", " "),
        "dev_services_text": dev_services(plan, "PostgreSQL", "Redis", " and "),
        "actions": actions(&pins),
        "pins": pin_names(&pins),
        // The emitted drift check runs the version that emitted.
        "seaworthy_version": env!("CARGO_PKG_VERSION"),
        "dependencies": packages(plan, &pins, |part| part.dependencies)?,
        "dev_dependencies": packages(plan, &pins, |part| part.dev_dependencies)?,
        "main_decisions": decisions(plan, Decision::is_main),
        "other_decisions": decisions(plan, |decision| !decision.is_main()),
    // What speaks for and against the platform stands in the summary.
    "argued_decisions": decisions(plan, |decision| decision.is_argued() && decision.key != "platform.name"),
    // What imports of files end with.
    "imports": plan.existing.ops.as_ref().map_or(".ts", |it| it.imports),
        "exported": exported(plan),
        "provided": exported(plan).into_iter().chain(plan.features.redis.then_some("writeLimit")).collect::<Vec<_>>(),
        "logs_errors": plan.data_access.is_some_and(|it| it.logs_errors),
        "unrun_scripts": unrun_scripts(plan),
        "overrides_in_package_json": plan.packages.manager.override_file == "package.json",
        "unformatted": plan.data_access.map_or(&[][..], |it| it.unformatted),
        "moved_together": moved_together(plan),
        "generated": plan.data_access.and_then(|it| it.generated.as_ref()).map(|it| it.folder).unwrap_or_default(),
        "generate_first": generate_first(plan),
        "config_files": plan.data_access.map_or(&[][..], |it| it.config_files),
        "first": first,
        "production": production,
        "has_staging": plan.environments.len() > 1,
        "before_production_ts": text::json_list(&before_production(plan)),
    });
    if let Json::Object(more) = more {
        view.extend(more);
    }
    view.insert("summary".to_owned(), Json::Array(summary::rows(plan)));
    Ok(view)
}

/// The variables of the templates that several services share: those of one of them, since parts of workflows are the same,
/// and `repository`.
pub(super) fn of_repository(repository: &Repository, like: &Plan) -> anyhow::Result<Map<String, Json>> {
    let mut view = view(like)?;
    view.insert("repository".to_owned(), serde_json::to_value(repository)?);
    Ok(view)
}

/// Runs the sources on a developer's machine, again after each change.
fn dev_command(plan: &Plan) -> String {
    let framework = plan.stack.framework;
    if framework.bundled {
        // It reads .env by itself, but not its own port from there.
        return format!("next dev --port {}", plan.stack.port);
    }
    format!("node --watch {}--env-file=.env src/server.ts", framework.loader)
}

/// Patterns of packages that only one update may move, as a list in YAML; empty where there are none.
fn moved_together(plan: &Plan) -> String {
    let patterns = plan.data_access.map_or(&[][..], |it| it.moved_together).iter().map(|it| (*it).to_owned());
    let patterns: Vec<String> = patterns.collect();
    if patterns.is_empty() { String::new() } else { text::json_list(&patterns) }
}

/// What stands before the command of a script that needs generated code; empty where there is none.
fn generate_first(plan: &Plan) -> String {
    let generated = plan.data_access.and_then(|it| it.generated.as_ref());
    generated.map(|it| format!("{} {} && ", plan.packages.manager.run, it.script)).unwrap_or_default()
}

/// A variable with the texts that schema, `.env.example`, Compose and the README print.
fn env_view(key: &EnvKey, plan: &Plan) -> anyhow::Result<Json> {
    let mut view = serde_json::to_value(key)?;
    let absent = if key.required { ":?set it in .env" } else { ":-" };
    let needed = match (key.required, key.required_in.is_empty()) {
        (true, _) => "yes".to_owned(),
        (false, true) => String::new(),
        (false, false) => format!("in {}", key.required_in.join(", ")),
    };
    view["literal"] = json!(kustomize_literal(key));
    view["zod"] = json!(if plan.features.existing { zod::of_existing(key) } else { zod::expression(key) });
    view["required_in_ts"] = json!(text::json_list(&key.required_in));
    // A line that only repeats the default is shown commented out.
    view["in_env_file"] = json!(key.required || key.example != key.default);
    view["secret_md"] = json!(if key.secret { "yes" } else { "" });
    view["needed_md"] = json!(needed);
    view["default_md"] = json!(text::markdown_code(&key.default));
    // Code that was there before may take an empty text for a value: where nothing is set, nothing is passed.
    let passes_as_is = plan.features.existing && !key.required;
    // The pool's size is worked out here, and a default of the answers is in no code: only this tells them to code that was
    // there before.
    let is_told = key.name == "DATABASE_POOL_MAX" || (key.source == Source::User && !key.default.is_empty());
    let interpolation = if passes_as_is && is_told {
        format!("${{{}:-{}}}", key.name, key.default)
    } else if passes_as_is {
        "null".to_owned()
    } else {
        format!("${{{}{absent}}}", key.name)
    };
    view["interpolation"] = json!(interpolation);
    Ok(view)
}

/// A literal of a ConfigMap generator. kustomize takes one pair of quotes off a value, so one that begins
/// with a quote is given a pair to lose.
fn kustomize_literal(key: &EnvKey) -> String {
    let quote = if key.default.starts_with(['"', '\'']) { "\"" } else { "" };
    format!("{}={quote}{}{quote}", key.name, key.default)
}

/// Keys that a compose file sets by itself, since they follow from its own services.
fn is_set_by_compose(key: &EnvKey) -> bool {
    key.source == Source::Infrastructure || ["APP_ENV", "PORT"].contains(&key.name.as_str())
}

/// Keys that the `.env` of the one machine must hold before anything starts there.
fn host_keys(plan: &Plan) -> Vec<&str> {
    let mut keys = vec!["APP_ENV", "SITE_ADDRESS"];
    if plan.features.database {
        keys.push("POSTGRES_PASSWORD");
    }
    if plan.features.redis {
        keys.push("REDIS_PASSWORD");
    }
    let own = plan.env.iter().filter(|key| key.required && !is_set_by_compose(key));
    keys.extend(own.map(|key| key.name.as_str()));
    keys
}

/// Keys that it must hold in some environments only, each behind its environment: `production:KEY`.
fn host_keys_in(plan: &Plan) -> Vec<String> {
    let of_key = |key: &EnvKey| key.required_in.iter().map(|name| format!("{name}:{}", key.name)).collect::<Vec<_>>();
    plan.env.iter().flat_map(of_key).collect()
}

/// Values of `APP_ENV` of a developer's machine, of CI, and of the environments before production.
fn before_production(plan: &Plan) -> Vec<String> {
    let deployed = plan.environments.iter().rev().skip(1).rev().map(|environment| environment.name.clone());
    LOCAL_ENVIRONMENTS.map(ToOwned::to_owned).into_iter().chain(deployed).collect()
}

/// Names of what runs beside the service on a developer's machine, joined.
fn dev_services(plan: &Plan, database: &'static str, redis: &'static str, joint: &str) -> String {
    let services = [(plan.features.database, database), (plan.features.redis, redis)];
    let names: Vec<&str> = services.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect();
    names.join(joint)
}

/// What is open and handed to every module, where the code is made of modules.
fn exported(plan: &Plan) -> Vec<&'static str> {
    let open =
        [(plan.features.database, "database"), (plan.features.queue, "jobs"), (plan.features.storage, "storage")];
    open.into_iter().filter(|(used, _)| *used).map(|(_, name)| name).collect()
}

/// What the simulation of the plan says, and its chart.
fn simulation(plan: &Plan) -> Json {
    let simulation = simulate(plan);
    let scenario =
        |it: &Judged| json!({ "title": it.title, "says": it.says, "holds_text": if it.holds { "yes" } else { "no" } });
    json!({
        "says": simulation.verdict.says,
        "changes": simulation.verdict.changes,
        "scenarios": simulation.verdict.scenarios.iter().map(scenario).collect::<Vec<_>>(),
        "chart": chart::svg(&plan.project.name, &simulation),
    })
}

/// Some of the decisions, in their order.
fn decisions(plan: &Plan, chosen: fn(&Decision) -> bool) -> Vec<Json> {
    plan.decisions.iter().filter(|decision| chosen(decision)).map(decision_view).collect()
}

/// A decision with its value as text.
fn decision_view(decision: &Decision) -> Json {
    let rejected: Vec<Json> =
        decision.rejected.iter().map(|it| json!({ "option": it.option, "why": it.why })).collect();
    json!({
        "key": decision.key,
        "title": decision.title,
        "value": decision.display_value(),
        "reason": decision.reason,
        "rejected": rejected,
        "flips": decision.flips.clone().unwrap_or_default(),
    })
}

/// `actions/setup-node` as `actions_setup_node`, with the text that stands behind `uses:`.
fn actions(pins: &Pins) -> Map<String, Json> {
    let identifier = |name: &str| name.replace(['/', '-'], "_");
    let pinned =
        pins.actions.iter().map(|(name, pin)| (identifier(name), json!(format!("{name}@{} # {}", pin.sha, pin.tag))));
    pinned.collect()
}

/// `postgres_image`, `kubectl_version` and so on.
fn pin_names(pins: &Pins) -> Map<String, Json> {
    let images = pins.images.iter().map(|(name, image)| (format!("{name}_image"), json!(image)));
    let tools = pins.tools.iter().map(|(name, version)| (format!("{name}_version"), json!(version)));
    images.chain(tools).collect()
}

/// The types of Node.js, whose major is that of the runtime.
const NODE_TYPES: &str = "@types/node";

/// Names and versions of the packages of all parts in use, ordered by name.
fn packages(plan: &Plan, pins: &Pins, of: fn(&parts::Part) -> &'static [&'static str]) -> anyhow::Result<Vec<Json>> {
    let mut names: Vec<&str> = parts::used(plan).flat_map(of).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let of_node = pins.node.get(plan.stack.node).filter(|_| name == NODE_TYPES).map(|node| &node.types);
            let version =
                of_node.or(pins.npm.get(name)).with_context(|| format!("pins.toml has no version of {name}"))?;
            Ok(json!({ "name": name, "version": version }))
        })
        .collect()
}
