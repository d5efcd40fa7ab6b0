//! The levels of each question: what stands for all the values that it takes, and values that it refuses.
//!
//! Choices and switches come from the question table as they are. Numbers come with both bounds; the thresholds that
//! other rules set stand here. Free text, names and lists need representatives here.

use anyhow::{Result, bail};
use seaworthy::plan::capacity::{
    ONE_MACHINE_INSTANCES, RPS_WITH_DATABASE, RPS_WITHOUT_DATABASE, TARGET_PERCENT, smallest_max_connections,
};
use seaworthy::spec::Value;
use seaworthy::spec::kubernetes::{KUBERNETES_RPS, KUBERNETES_TEAM};
use seaworthy::spec::question::{ENVIRONMENT_MAX, Kind, Question};

/// Quotes, interpolation and the syntax of every emitted format on one line.
pub(crate) const HOSTILE_LINE: &str =
    r#"it's "both" `id` $(id) ${HOME} ${{ secrets.X }} {{ x }} \ # a: b - | > <b> [x](y) */ // é ~"#;

/// The same over several lines.
const HOSTILE_TEXT: &str =
    "a'\"b\nRUN id\r\n---\n- a: &b *c\n\t${{ github.token }} $(id) `x`\n| a | b |\n<!-- --> */ \u{2028}\\";

/// The values of a question that the cover has to combine, beside leaving it out.
///
/// # Errors
/// When the question is new and nobody has said yet what stands for its values.
pub(crate) fn values(question: &Question) -> Result<Vec<Value>> {
    let text = |value: &str| Value::Text(value.to_owned());
    match question.kind {
        Kind::Choice { built, .. } => Ok(built.iter().map(|value| text(value)).collect()),
        Kind::Bool => Ok(vec![Value::Bool(false), Value::Bool(true)]),
        Kind::Int { min, max } => {
            let mut numbers = thresholds(question.key)?;
            numbers.extend([min, max]);
            numbers.sort_unstable();
            numbers.dedup();
            Ok(numbers.into_iter().map(Value::Int).collect())
        }
        Kind::Text { .. } | Kind::Label { .. } | Kind::Availability => {
            Ok(texts(question)?.iter().map(|value| text(value)).collect())
        }
        Kind::Labels { .. } => Ok(lists(question.key)?.into_iter().map(Value::List).collect()),
    }
}

/// Numbers at which something else begins to hold, on both sides.
fn thresholds(key: &str) -> Result<Vec<i64>> {
    let carried = |instances: u32, rps: u32| i64::from(instances * rps * TARGET_PERCENT / 100);
    Ok(match key {
        // 5432 and 6379 are taken where there is a database or Redis.
        "stack.port" => vec![3000, 5432, 6379, 8080],
        "scale.peak-rps" => {
            let last_of_one = carried(1, RPS_WITH_DATABASE);
            let last_of_machine = carried(ONE_MACHINE_INSTANCES, RPS_WITH_DATABASE);
            let last_without_database = carried(ONE_MACHINE_INSTANCES, RPS_WITHOUT_DATABASE);
            vec![
                last_of_one,
                last_of_one + 1,
                last_of_machine,
                last_of_machine + 1,
                last_without_database,
                last_without_database + 1,
                KUBERNETES_RPS,
                KUBERNETES_RPS + 1,
            ]
        }
        "scale.trough-rps" => vec![1, carried(1, RPS_WITH_DATABASE), KUBERNETES_RPS],
        // Nobody else to ask; the platform rule.
        "scale.team-size" => vec![2, KUBERNETES_TEAM, KUBERNETES_TEAM + 1],
        "scale.regions" => vec![2],
        // The smallest pools of the poolers of a cluster; and room for all.
        "scale.db-max-connections" => {
            let poolers = i64::from(smallest_max_connections(21));
            vec![poolers - 1, poolers, 100, 500]
        }
        "scale.rps-per-replica" => vec![i64::from(RPS_WITH_DATABASE), 5_000],
        _ => bail!("tests/space/values.rs: which numbers stand for {key}?"),
    })
}

fn texts(question: &Question) -> Result<Vec<String>> {
    let max = match question.kind {
        Kind::Text { max, .. } | Kind::Label { max } => max,
        _ => 0,
    };
    let longest = |start: &str| -> String { start.chars().cycle().take(max).collect() };
    Ok(match question.key {
        // Words with a meaning in YAML or to a tool, the shortest and the longest.
        "project.name" => ["orders", "a", "e1", "node", "database", "fastify", "no-2--z"]
            .map(ToOwned::to_owned)
            .into_iter()
            .chain([longest("a2345-789z")])
            .collect(),
        "project.description" => {
            vec![String::new(), "true".to_owned(), HOSTILE_LINE.to_owned(), HOSTILE_TEXT.to_owned(), longest("ß 漢\"")]
        }
        "deploy.kubernetes-because" => {
            vec!["x".to_owned(), HOSTILE_LINE.to_owned(), HOSTILE_TEXT.to_owned(), longest("we know it; ")]
        }
        // Another folder is for code that was there before.
        "stack.app-dir" => vec![String::new()],
        "scale.availability" => ["90", "99.9", "99.949", "99.95", "99.999"].map(ToOwned::to_owned).to_vec(),
        key => bail!("tests/space/values.rs: which texts stand for {key}?"),
    })
}

fn lists(key: &str) -> Result<Vec<Vec<String>>> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let longest = |letter: char| letter.to_string().repeat(ENVIRONMENT_MAX);
    Ok(match key {
        "deploy.environments" => vec![
            owned(&["production"]),
            owned(&["staging", "production"]),
            // Folders, jobs and objects that are emitted under these names.
            owned(&["base", "build", "preflight", "setup"]),
            vec![longest('a'), longest('b'), "c--1".to_owned(), "e1".to_owned(), longest('z')],
        ],
        _ => bail!("tests/space/values.rs: which lists stand for {key}?"),
    })
}

/// Texts of `--set` that a question refuses, one for each way to be wrong.
pub(crate) fn refused(question: &Question) -> Vec<String> {
    let longer = |max: usize| "a".repeat(max + 1);
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match question.kind {
        Kind::Choice { planned, .. } => [planned, &["nonsense"]].concat().into_iter().map(ToOwned::to_owned).collect(),
        Kind::Bool => owned(&["", "maybe", "1"]),
        Kind::Int { min, max } => {
            [owned(&["", "many", "1.5"]), vec![(min - 1).to_string(), (max + 1).to_string()]].concat()
        }
        Kind::Text { min, max } => {
            let blank = if min > 0 { vec![String::new(), " \n".to_owned()] } else { Vec::new() };
            [blank, vec![longer(max)]].concat()
        }
        Kind::Label { max } => {
            [owned(&["", "A", "1a", "a-", "-a", "a_b", "ä", "null", "on"]), vec![longer(max)]].concat()
        }
        Kind::Availability => owned(&["", "100", "89.999", "99.9999", "99,9", "most"]),
        Kind::Labels { max } => {
            let many: Vec<String> = (0..=max).map(|number| format!("e{number}")).collect();
            [owned(&["", "a,a", "a,B", "a,no"]), vec![many.join(","), longer(ENVIRONMENT_MAX)]].concat()
        }
    }
}
