//! An autoscaler stands exactly where its minimum and maximum differ, and only there the Deployment has no
//! `replicas`.

use anyhow::{Context, Result};
use toml::Value;

use super::answers::{Emitted, emit, with};
use super::structure::yaml::{self, Token};

/// Kubernetes for every load of the grid: the team has its own reason.
fn at(peak: i64, trough: i64, availability: &str) -> Result<Emitted> {
    emit(&with(&[
        ("deploy.kubernetes-because", "We run one.".into()),
        ("scale.peak-rps", Value::Integer(peak)),
        ("scale.trough-rps", Value::Integer(trough)),
        ("scale.availability", availability.into()),
        ("scale.db-max-connections", Value::Integer(100_000)),
        ("deploy.environments", Value::from(vec!["preview", "staging", "production"])),
    ]))
}

/// The value at a path of keys in any document of a file.
fn value_at(text: &str, path: &[&str]) -> Result<Option<String>> {
    Ok(yaml::tokens(text)?.into_iter().find_map(|token| match token {
        Token::Leaf { path: at, text } if at == path => Some(text),
        _ => None,
    }))
}

#[test]
fn an_hpa_stands_where_the_load_varies_enough() -> Result<()> {
    let mut seen = [0, 0];
    for peak in [1, 100, 240, 241, 480, 2_000, 12_000] {
        for trough in [0, 1, 240, 241, 1_500, 12_000].into_iter().filter(|trough| *trough <= peak) {
            for availability in ["99.9", "99.95"] {
                let emitted = at(peak, trough, availability)?;
                for environment in &emitted.plan.environments {
                    let varies = environment.min_replicas < environment.max_replicas;
                    seen[usize::from(varies)] += 1;
                    check(&emitted, &environment.name, varies)
                        .with_context(|| format!("{peak} to {trough} at {availability}, {}", environment.name))?;
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 10), "the grid shows one side only: {seen:?}");
    Ok(())
}

fn check(emitted: &Emitted, name: &str, varies: bool) -> Result<()> {
    let environment = emitted.plan.environments.iter().find(|it| it.name == name).context("the environment")?;
    assert_eq!((environment.hpa, environment.fixed_replicas), (varies, !varies));
    let folder = format!("deploy/kubernetes/overlays/{name}/");
    let overlay = emitted.files.files().iter().filter(|file| file.path.starts_with(&folder));
    let texts: Vec<(&str, String)> = overlay
        .map(|file| Ok((file.path.as_str(), String::from_utf8(file.contents.clone())?)))
        .collect::<Result<_>>()?;
    let scalers: Vec<&String> =
        texts.iter().map(|(_, text)| text).filter(|text| text.contains("kind: HorizontalPodAutoscaler")).collect();
    assert_eq!(scalers.len(), usize::from(varies), "autoscalers of {name}");
    for text in scalers {
        assert_eq!(value_at(text, &["spec", "minReplicas"])?, Some(environment.min_replicas.to_string()));
        assert_eq!(value_at(text, &["spec", "maxReplicas"])?, Some(environment.max_replicas.to_string()));
    }
    let base = emitted.files.files().iter().find(|file| file.path.ends_with("/base/deployment.yaml"));
    let deployment = String::from_utf8(base.context("the Deployment")?.contents.clone())?;
    assert_eq!(value_at(&deployment, &["spec", "replicas"])?, None, "the base must leave the number to the overlays");
    let fixed = texts.iter().any(|(_, text)| sets_replicas(text, environment.min_replicas));
    assert_eq!(fixed, !varies, "a fixed number in {name}");
    Ok(())
}

/// Whether a kustomization gives the Deployment this number: by `replicas:` or by a patch.
fn sets_replicas(text: &str, number: u32) -> bool {
    text.contains(&format!("count: {number}\n"))
        || text.contains(&format!("replicas: {number}\n"))
        || (text.contains("/spec/replicas") && text.contains(&format!("value: {number}\n")))
}

#[test]
fn one_machine_has_no_autoscaler() -> Result<()> {
    for peak in [1, 50, 960] {
        let emitted =
            emit(&with(&[("scale.peak-rps", Value::Integer(peak)), ("scale.trough-rps", Value::Integer(0))]))?;
        assert!(!emitted.plan.features.hpa);
        assert!(emitted.plan.environments.iter().all(|it| it.fixed_replicas && it.min_replicas == it.max_replicas));
    }
    Ok(())
}
