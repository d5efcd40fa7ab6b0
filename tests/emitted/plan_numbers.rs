//! Numbers that must fit each other, for any answers.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use seaworthy::failure::exit_code;
use seaworthy::plan::{Plan, Worker, plan};
use seaworthy::spec::Spec;
use serde_json::{Value, json};

use super::answers::{any_answers, read_table, spec_and_plan};

const CASES: u32 = 400;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Runs a check over random plans; answers that are refused must be so with exit 2, and be the lesser part.
#[allow(clippy::panic, reason = "the error of proptest shows best as a panic")]
fn for_plans(check: fn(&Spec, &Plan) -> Result<(), TestCaseError>) {
    let accepted = Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(config(CASES));
    let outcome = runner.run(&any_answers(), |table| match spec_and_plan(&table) {
        Ok((spec, plan)) => {
            accepted.set(accepted.get() + 1);
            check(&spec, &plan)
        }
        Err(error) => {
            prop_assert_eq!(exit_code(&error), 2, "{:#}", error);
            Ok(())
        }
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    assert!(accepted.get() > CASES / 3, "only {} of {CASES} sets of answers were accepted", accepted.get());
}

#[test]
fn each_wait_is_longer_than_the_one_inside_it() {
    for_plans(|_, plan| {
        let it = &plan.timeouts;
        prop_assert!(it.margin_seconds > 0);
        prop_assert!(it.pre_stop_seconds + it.shutdown_timeout_seconds + it.margin_seconds <= it.grace_seconds);
        prop_assert!(it.drain_delay_seconds + it.drain_seconds < it.shutdown_timeout_seconds);
        prop_assert!(it.shutdown_timeout_seconds <= 30);
        prop_assert!(it.keep_alive_seconds > it.lb_idle_seconds);
        prop_assert!(it.probe_timeout_seconds * 1000 > it.readiness_check_ms);
        prop_assert!(it.statement_timeout_ms < it.drain_seconds * 1000);
        prop_assert_eq!(it.kill_seconds, it.grace_seconds - it.pre_stop_seconds);
        prop_assert_eq!(it.drain_delay_ms, it.drain_delay_seconds * 1000);
        prop_assert_eq!(it.shutdown_timeout_ms, it.shutdown_timeout_seconds * 1000);
        Ok(())
    });
}

#[test]
fn all_pools_fit_into_the_database() {
    for_plans(|spec, plan| {
        let (database, scale) = (&plan.database, &plan.scale);
        if !spec.database {
            prop_assert_eq!((database.used, database.pool_max), (0, 0));
            return Ok(());
        }
        // Counted again from the parts: instances, what a rollout starts and what still drains, regions, one migration.
        let at_once = if plan.platform.compose {
            2 * scale.slot_replicas
        } else if plan.platform.managed {
            2 * scale.max_replicas
        } else {
            (scale.max_replicas + 2 * scale.max_replicas.div_ceil(4)) * spec.scale.regions
        };
        let migration = 1;
        prop_assert_eq!(scale.most_instances, at_once);
        let workers_of = |it: &Worker| {
            let in_cluster = (it.replicas + 2 * it.replicas.div_ceil(4)) * spec.scale.regions;
            if plan.platform.kubernetes { in_cluster } else { 2 * it.replicas }
        };
        let workers = plan.worker.as_ref().map_or(0, workers_of);
        let smallest = (at_once + workers) * (2 + 1) + migration + database.reserve;
        let jobs = plan.worker.as_ref().map_or(0, |it| it.concurrency);
        prop_assert_eq!(database.worker_pool_max, plan.worker.as_ref().map(|it| it.concurrency));
        let held = match database.pooler {
            None => at_once * (database.pool_max + 1) + workers * (jobs + 1),
            // Its rollout starts one more and waits for one that ends.
            Some(pooler) => (pooler.replicas + 2) * spec.scale.regions * pooler.pool_size,
        };
        // All that a region has at once may come to one of its poolers.
        let clients = (at_once * (database.pool_max + 1) + workers * (jobs + 1)) / spec.scale.regions;
        prop_assert!(database.pooler.is_none_or(|it| it.max_client_connections == clients));
        // Elsewhere they are refused.
        prop_assert_eq!(database.pooler.is_some(), smallest > database.max_connections);
        prop_assert!(database.pooler.is_none() || plan.platform.kubernetes);
        prop_assert_eq!(database.used, held + migration);
        // A container of ours has fewer than a server could be given.
        let most = if plan.platform.compose { 200 } else { u32::MAX };
        prop_assert_eq!(database.max_connections, spec.scale.db_max_connections.min(most));
        prop_assert!(database.used + database.reserve <= database.max_connections);
        prop_assert!(database.reserve >= 5 && database.pool_max >= 2);
        Ok(())
    });
}

#[test]
fn a_worker_finishes_its_jobs_before_anybody_else_takes_them() {
    for_plans(|spec, plan| {
        let timeouts = &plan.timeouts;
        prop_assert_eq!(plan.worker.is_some(), spec.queue);
        let Some(it) = &plan.worker else { return Ok(()) };
        prop_assert!(it.job_seconds < timeouts.shutdown_timeout_seconds);
        prop_assert!(timeouts.shutdown_timeout_seconds < it.grace_seconds && it.grace_seconds <= it.lock_seconds);
        prop_assert!(timeouts.statement_timeout_ms < it.job_seconds * 1000);
        prop_assert!(it.heartbeat_seconds * 3 < it.heartbeat_limit_seconds);
        prop_assert!(it.heartbeat_limit_seconds <= it.lock_seconds);
        let waits: u32 = (1..it.attempts).map(|attempt| it.backoff_seconds * 2_u32.pow(attempt - 1)).sum();
        prop_assert!(waits > 2 * it.grace_seconds, "{} s", waits);
        // As long as a rollout, of which each batch has to stay ready until the pods before it are gone.
        let batches = it.replicas.div_ceil(it.replicas.div_ceil(4));
        prop_assert!(plan.platform.compose || waits > batches * it.grace_seconds, "{} s", waits);
        // Jobs of the largest body that a route takes.
        prop_assert!(2 * it.keep_jobs * 64 / 1024 <= plan.services.redis.maxmemory_mib / 2);
        prop_assert!(it.replicas > u32::from(plan.platform.kubernetes));
        prop_assert!(it.replicas < it.most_instances);
        prop_assert!(1 <= it.concurrency && it.concurrency <= 100);
        prop_assert_eq!((plan.services.redis.policy, plan.services.redis.durable), ("noeviction", true));
        Ok(())
    });
}

#[test]
fn replicas_memory_and_quotas_are_consistent() {
    for_plans(|spec, plan| {
        let (scale, resources) = (&plan.scale, &plan.resources);
        prop_assert!(1 <= scale.min_replicas && scale.min_replicas <= scale.max_replicas);
        prop_assert_eq!(resources.heap_mib, resources.memory_mib * 75 / 100);
        prop_assert_eq!(resources.heap_percent, 75);
        prop_assert!(resources.cpu_request_millicores <= resources.cpu_limit_millicores);
        prop_assert!(resources.memory_request_mib <= resources.memory_mib);
        let names: Vec<&String> = plan.environments.iter().map(|it| &it.name).collect();
        prop_assert_eq!(names, spec.deploy.environments.iter().collect::<Vec<_>>());
        prop_assert_eq!(plan.environments.iter().filter(|it| it.is_production).count(), 1);
        for it in &plan.environments {
            prop_assert!(it.min_replicas <= it.max_replicas && it.max_replicas <= scale.max_replicas);
            let at_once = |replicas: u32| replicas + replicas.div_ceil(4);
            prop_assert!(it.quota.pods > at_once(it.max_replicas) + at_once(it.worker_replicas));
            prop_assert_eq!(it.worker_replicas > 0, spec.queue);
            let is_scaled = spec.queue && spec.deploy.keda && plan.platform.kubernetes;
            prop_assert_eq!(it.worker_min_replicas < it.worker_replicas, is_scaled);
            prop_assert_eq!(it.fixed_workers, spec.queue && !is_scaled);
            prop_assert!(it.quota.limits_memory_mib >= u64::from(it.quota.pods) * u64::from(resources.memory_mib));
        }
        // Enough instances for the load at 60 %.
        let regions_left = if plan.platform.kubernetes { spec.scale.regions.saturating_sub(1).max(1) } else { 1 };
        let capacity = u64::from(scale.max_replicas) * u64::from(scale.rps_per_replica) * u64::from(regions_left);
        prop_assert!(capacity * 60 >= u64::from(spec.scale.peak_rps) * 100);
        Ok(())
    });
}

/// Numbers that say in other words what a decision or an answer says.
const RESTATED: &[&str] = &[
    "timeouts.drain_delay_ms",
    "timeouts.kill_seconds",
    "database.pooler.replicas",
    "timeouts.shutdown_timeout_ms",
    "timeouts.margin_seconds",
    "resources.memory_request_mib",
    "scale.surge_percent",
    "scale.regions",
    "scale.peak_rps",
    "scale.trough_rps",
    "database.connections_per_instance",
    "database.max_connections",
    "database.reserve",
    "database.worker_pool_max",
    "worker.backoff_seconds",
    "worker.heartbeat_seconds",
    "worker.resources.memory_request_mib",
    "worker.resources.heap_percent",
    "worker.resources.heap_mib",
    "worker.resources.pids_limit",
];

/// Numbers that nothing decides here: those of the other platform, or of a database or an autoscaler that there is not.
fn is_of_the_other_platform(plan: &Plan, key: &str) -> bool {
    match key {
        "scale.slot_replicas" => !plan.platform.compose,
        "scale.min_replicas" | "scale.max_replicas" => plan.platform.compose,
        "scale.hpa_cpu_percent" => !plan.features.hpa,
        _ => (key.starts_with("database.") || key == "timeouts.statement_timeout_ms") && !plan.features.database,
    }
}

/// Every number below a section, with its path.
fn numbers(path: &str, value: &Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(fields) => {
            fields.iter().flat_map(|(name, value)| numbers(&format!("{path}.{name}"), value)).collect()
        }
        Value::Number(_) => vec![(path.to_owned(), value.clone())],
        _ => Vec::new(),
    }
}

#[test]
fn every_number_is_decided_with_a_reason() {
    for_plans(|_, plan| {
        let whole = json!(plan);
        for section in ["timeouts", "resources", "scale", "database", "worker"] {
            for (key, value) in numbers(section, &whole[section]) {
                if RESTATED.contains(&key.as_str()) || is_of_the_other_platform(plan, &key) {
                    continue;
                }
                let decisions: Vec<_> = plan.decisions.iter().filter(|it| it.key == key).collect();
                prop_assert_eq!(decisions.len(), 1, "decisions about {}", &key);
                prop_assert_eq!(&decisions[0].value, &value, "{}", &key);
            }
        }
        Ok(())
    });
}

#[test]
fn every_decision_is_true_and_argued() {
    for_plans(|spec, plan| {
        let whole = json!(plan);
        for decision in &plan.decisions {
            prop_assert!(!decision.reason.trim().is_empty(), "{}", decision.key);
            prop_assert!(!decision.title.is_empty());
            for rejected in &decision.rejected {
                prop_assert!(!rejected.option.is_empty() && !rejected.why.is_empty());
            }
            for input in &decision.inputs {
                prop_assert_eq!(Some(&input.answer), spec.answers.get(input.key));
            }
            if !decision.key.contains("[]") {
                let pointer = format!("/{}", decision.key.replace('.', "/"));
                prop_assert_eq!(whole.pointer(&pointer), Some(&decision.value), "{}", decision.key);
            }
        }
        Ok(())
    });
}

#[test]
fn the_same_answers_give_the_same_plan() {
    let mut runner = proptest::test_runner::TestRunner::new(config(60));
    let outcome = runner.run(&any_answers(), |table| {
        let Ok(answers) = read_table(&table) else { return Ok(()) };
        let Ok(spec) = Spec::new(answers) else { return Ok(()) };
        let (Ok(first), Ok(second)) = (plan(&spec), plan(&spec)) else { return Ok(()) };
        prop_assert_eq!(&first, &second);
        let text = json!(first).to_string();
        let back: Value = serde_json::from_str(&text)?;
        prop_assert_eq!(&back.to_string(), &text);
        prop_assert_eq!(back, json!(second));
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
