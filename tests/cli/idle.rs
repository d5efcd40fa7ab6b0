//! Answers that can change nothing, given the others: refused of a flag, told of a file with their place, and passed over where
//! they say what the tool says anyway. The questions are taken from the table, so that one that is added is looked at too.

use anyhow::{Context, Result, ensure};
use seaworthy::spec::question::{Kind, Question};
use seaworthy::spec::table::QUESTIONS;
use seaworthy::spec::{Answers, Origin, Value};

use super::sandbox::Sandbox;

/// Answers with which the most questions have no meaning.
const PLAIN: [(&str, &str); 2] = [("stack.database", "none"), ("deploy.platform", "compose")];

#[test]
fn a_flag_that_can_change_nothing_is_refused_and_a_file_told() -> Result<()> {
    let questions = idle_questions();
    ensure!(questions.len() >= 4, "only {} questions depend on others", questions.len());
    for question in questions {
        let (default, other) = values(question).with_context(|| format!("{}: no two values", question.key))?;
        let sandbox = Sandbox::new()?;
        let flags = PLAIN.map(|(key, value)| format!("{key}={value}"));
        for value in [&default, &other] {
            let text = value.as_text().map_or_else(|| value.to_string(), ToOwned::to_owned);
            let assignment = format!("{}={text}", question.key);
            let outcome = sandbox.run(&["plan", "--set", &flags[0], "--set", &flags[1], "--set", &assignment])?;
            let told = format!("error: --set {}: would change nothing: it is for ", question.key);
            ensure!(outcome.code == Some(2) && outcome.stderr.starts_with(&told), "{assignment}: {}", outcome.stderr);
        }
        let plain = PLAIN.map(|(key, value)| format!("{key} = \"{value}\"\n")).concat();
        let warning = format!("warning: seaworthy.toml:4: {} = {other} changes nothing: it is for ", question.key);
        for (value, expected) in [(&default, ""), (&other, warning.as_str())] {
            sandbox.write("seaworthy.toml", &format!("schema = 1\n{plain}{} = {value}\n", question.key))?;
            let said = sandbox.succeed(&["plan", "--json"])?.stderr;
            ensure!(said.starts_with(expected) && said.is_empty() == expected.is_empty(), "{}: {said}", question.key);
        }
    }
    Ok(())
}

#[test]
fn a_service_that_leaves_kubernetes_keeps_its_answers_for_it_and_is_told() -> Result<()> {
    let sandbox = Sandbox::new()?;
    sandbox.succeed(&[
        "new",
        "orders",
        "--preset",
        "at-scale",
        "--set",
        "deploy.routing=ingress",
        "--no-install",
        "-y",
    ])?;
    let answers = sandbox.read("orders/seaworthy.toml")?;
    let line = 1 + answers.lines().position(|line| line.starts_with("routing")).context("routing")?;
    let smaller = answers.replace("peak-rps = 12000", "peak-rps = 200").replace("trough-rps = 1500", "trough-rps = 20");
    sandbox.write("orders/seaworthy.toml", &smaller.replace("platform = \"auto\"", "platform = \"compose\""))?;
    let told = format!(
        "warning: orders/seaworthy.toml:{line}: deploy.routing = \"ingress\" changes nothing: it is for Kubernetes"
    );
    for arguments in [&["upgrade", "orders"][..], &["check", "orders"], &["diff", "orders"]] {
        let said = sandbox.succeed(arguments)?.stderr;
        ensure!(said.matches(&told).count() == 1, "{arguments:?}: {said}");
    }
    let before = sandbox.tree("orders")?;
    let outcome = sandbox.run(&["upgrade", "orders", "--set", "deploy.routing=gateway"])?;
    ensure!(
        outcome.code == Some(2) && outcome.stderr.contains("--set deploy.routing: would change nothing"),
        "{outcome:?}"
    );
    ensure!(sandbox.tree("orders")? == before, "something was written");
    // On the way back it counts again.
    let said =
        sandbox.succeed(&["upgrade", "orders", "--set", "scale.peak-rps=12000", "--set", "deploy.platform=auto"])?;
    ensure!(!said.stderr.contains("warning"), "{}", said.stderr);
    ensure!(sandbox.tree("orders")?.keys().any(|path| path.ends_with("/ingress.yaml")), "no Ingress");
    Ok(())
}

/// Where a flag is for all services of a workspace, it has to be of use to one of them.
#[test]
fn a_flag_for_several_services_is_of_use_to_one_of_them() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let service = |folder: &str, database: &str| {
        format!(
            "[services.\"apps/{folder}\"]\nstack.package-manager = \"pnpm\"\nstack.database = \"{database}\"\n\
             deploy.environments = [\"{folder}-production\"]\n"
        )
    };
    let one_with_a_database = format!("schema = 1\n{}{}", service("api", "postgres"), service("web", "none"));
    sandbox.write("team.toml", &one_with_a_database)?;
    let new = |set| sandbox.run(&["new", "shop", "--preset", "./team.toml", "--dry-run", "-y", "--set", set]);
    let outcome = new("stack.data-access=drizzle")?;
    ensure!(outcome.code == Some(0), "{}", outcome.stderr);
    let outcome = new("deploy.routing=ingress")?;
    ensure!(outcome.code == Some(2) && outcome.stderr.contains("deploy.routing: would change nothing"), "{outcome:?}");
    Ok(())
}

fn idle_questions() -> Vec<&'static Question> {
    let mut answers = Answers::default();
    for (key, value) in PLAIN {
        if let Some(question) = seaworthy::spec::table::question(key) {
            answers.set(question.key, Value::Text(value.to_owned()), Origin::Default);
        }
    }
    QUESTIONS.iter().filter(|question| (question.relevant)(&answers).is_err()).collect()
}

/// The default, and another value.
fn values(question: &Question) -> Option<(Value, Value)> {
    let default = (question.default)(&Answers::default())?;
    let other = match question.kind {
        Kind::Choice { built, .. } => built.iter().map(|it| Value::Text((*it).to_owned())).find(|it| *it != default)?,
        Kind::Int { min, .. } => Value::Int(min),
        _ => return None,
    };
    Some((default, other))
}
