//! Where a service runs: the smallest platform that carries the load, over the boundaries of the rule.

use anyhow::Result;
use seaworthy::failure::exit_code;
use toml::Value;

use super::answers::{emit, spec_and_plan, with};

/// What the rule says: a platform, or words of the refusal.
enum Verdict {
    Runs(&'static str),
    Refused(&'static [&'static str]),
}

use Verdict::{Refused, Runs};

const NO_PROVIDER: &[&str] = &["managed containers", "deploy.cloud", "aws or gcp"];
const UNJUSTIFIED: &[&str] = &["not justified", "10000", "deploy.platform=auto", "deploy.kubernetes-because"];

/// Answers beside the defaults (50 requests per second, 4 people, 1 region, 99.9 %, no cloud).
type Case = (&'static [(&'static str, &'static str)], Verdict);

#[rustfmt::skip] // A table, read by its columns.
const CASES: &[Case] = &[
    (&[],                                                                            Runs("compose")),
    // One Node process takes 400 requests per second with a database, planned at 60 %: 4 instances are 960.
    (&[("scale.peak-rps", "960")],                                                   Runs("compose")),
    (&[("scale.peak-rps", "961")],                                                   Refused(NO_PROVIDER)),
    (&[("scale.peak-rps", "961"), ("deploy.cloud", "azure")],                        Refused(NO_PROVIDER)),
    (&[("scale.peak-rps", "961"), ("deploy.cloud", "gcp")],                          Runs("cloud-run")),
    (&[("scale.peak-rps", "961"), ("deploy.cloud", "aws")],                          Runs("ecs")),
    (&[("scale.peak-rps", "961"), ("scale.rps-per-replica", "1000")],                Runs("compose")),
    (&[("scale.peak-rps", "1920"), ("stack.database", "none")],                      Runs("compose")),
    (&[("scale.peak-rps", "1921"), ("stack.database", "none")],                      Refused(NO_PROVIDER)),
    // Requests per second.
    (&[("scale.peak-rps", "10000"), ("deploy.cloud", "gcp")],                        Runs("cloud-run")),
    (&[("scale.peak-rps", "10001"), ("deploy.cloud", "gcp")],                        Runs("kubernetes")),
    (&[("scale.peak-rps", "10000"), ("scale.rps-per-replica", "10000")],             Runs("compose")),
    (&[("scale.peak-rps", "10001"), ("scale.rps-per-replica", "10000")],             Runs("kubernetes")),
    // People.
    (&[("scale.team-size", "10")],                                                   Runs("compose")),
    (&[("scale.team-size", "11")],                                                   Runs("kubernetes")),
    // Regions.
    (&[("scale.regions", "1")],                                                      Runs("compose")),
    (&[("scale.regions", "2")],                                                      Runs("kubernetes")),
    // Availability.
    (&[("scale.availability", "99.9")],                                              Runs("compose")),
    (&[("scale.availability", "99.949")],                                            Runs("compose")),
    (&[("scale.availability", "99.95")],                                             Refused(NO_PROVIDER)),
    (&[("scale.availability", "99.95"), ("deploy.cloud", "gcp")],                    Runs("cloud-run")),
    (&[("scale.availability", "99.95"), ("deploy.cloud", "aws")],                    Runs("ecs")),
    (&[("scale.availability", "99.95"), ("deploy.cloud", "azure")],                  Refused(NO_PROVIDER)),
    // Each cloud below and above.
    (&[("deploy.cloud", "aws")],                                                     Runs("compose")),
    (&[("deploy.cloud", "gcp")],                                                     Runs("compose")),
    (&[("deploy.cloud", "azure")],                                                   Runs("compose")),
    (&[("deploy.cloud", "aws"), ("scale.team-size", "11")],                          Runs("kubernetes")),
    (&[("deploy.cloud", "gcp"), ("scale.team-size", "11")],                          Runs("kubernetes")),
    (&[("deploy.cloud", "azure"), ("scale.team-size", "11")],                        Runs("kubernetes")),
    // Asked for.
    (&[("deploy.platform", "compose")],                                              Runs("compose")),
    (&[("deploy.platform", "compose"), ("scale.availability", "99.95")],             Runs("compose")),
    (&[("deploy.platform", "compose"), ("scale.team-size", "11")],                   Runs("compose")),
    (&[("deploy.platform", "compose"), ("scale.peak-rps", "961")],                   Refused(&["one machine", "4 instances", "need 5"])),
    (&[("deploy.platform", "compose"), ("scale.regions", "2")],                      Refused(&["one machine", "scale.regions is 2"])),
    (&[("deploy.platform", "kubernetes")],                                           Refused(UNJUSTIFIED)),
    (&[("deploy.platform", "kubernetes"), ("scale.availability", "99.999")],         Refused(UNJUSTIFIED)),
    (&[("deploy.platform", "kubernetes"), ("scale.peak-rps", "10000")],              Refused(UNJUSTIFIED)),
    (&[("deploy.platform", "kubernetes"), ("scale.team-size", "11")],                Runs("kubernetes")),
    (&[("deploy.platform", "kubernetes"), ("scale.regions", "2")],                   Runs("kubernetes")),
    (&[("deploy.platform", "cloud-run")],                                            Refused(&["one provider", "deploy.cloud=gcp"])),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "aws")],                   Refused(&["one provider", "deploy.cloud=gcp"])),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp")],                   Runs("cloud-run")),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp"), ("scale.team-size", "11")], Runs("cloud-run")),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp"), ("scale.peak-rps", "10001")], Runs("cloud-run")),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp"), ("scale.peak-rps", "100000")], Refused(&["418 instances", "at most 100", "scale.rps-per-replica"])),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp"), ("scale.regions", "2")], Refused(&["one region", "scale.regions is 2"])),
    (&[("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp"), ("stack.redis", "true"), ("stack.queue", "bullmq")], Refused(&["stack.queue", "Cloud Run"])),
    (&[("deploy.platform", "ecs")],                                                  Refused(&["ecs is a service of one provider", "deploy.cloud=aws"])),
    (&[("deploy.platform", "ecs"), ("deploy.cloud", "gcp")],                         Refused(&["ecs is a service of one provider", "deploy.cloud=aws"])),
    (&[("deploy.platform", "ecs"), ("deploy.cloud", "aws")],                         Runs("ecs")),
    (&[("deploy.platform", "ecs"), ("deploy.cloud", "aws"), ("scale.team-size", "11")], Runs("ecs")),
    (&[("deploy.platform", "ecs"), ("deploy.cloud", "aws"), ("scale.regions", "2")], Refused(&["one region", "scale.regions is 2"])),
    // The team's own reason.
    (&[("deploy.kubernetes-because", "We run one.")],                                Runs("kubernetes")),
    (&[("deploy.kubernetes-because", "We run one."), ("deploy.platform", "kubernetes")], Runs("kubernetes")),
    (&[("deploy.kubernetes-because", "We run one."), ("deploy.platform", "compose")], Refused(&["deploy.kubernetes-because", "asks for compose"])),
    (&[("deploy.kubernetes-because", "We run one."), ("deploy.platform", "cloud-run"), ("deploy.cloud", "gcp")], Refused(&["deploy.kubernetes-because", "asks for cloud-run"])),
    (&[("deploy.kubernetes-because", "We run one."), ("scale.availability", "99.95"), ("deploy.cloud", "gcp")], Runs("kubernetes")),
    // What a cluster cannot be: larger than Kubernetes is built for, or among the parts of the cluster itself.
    (&[("scale.peak-rps", "72000"), ("scale.rps-per-replica", "1")],                 Refused(&["180003 pods", "150000", "scale.rps-per-replica"])),
    (&[("scale.peak-rps", "59000"), ("scale.rps-per-replica", "1")],                 Runs("kubernetes")),
    (&[("project.name", "kube"), ("scale.team-size", "11")],                         Refused(&["project.name", "kube-staging"])),
    (&[("project.name", "kube")],                                                    Runs("compose")),
    (&[("deploy.kubernetes-because", "  ")],                                         Refused(&["deploy.kubernetes-because", "must not be empty"])),
    (&[("deploy.kubernetes-because", "")],                                           Refused(&["deploy.kubernetes-because", "must not be empty"])),
];

/// Numbers stay numbers; everything else is text.
fn value(key: &str, text: &str) -> Value {
    if key == "stack.redis" {
        return (text == "true").into();
    }
    if key.starts_with("scale.") && key != "scale.availability" {
        return text.parse::<i64>().map_or_else(|_| text.into(), Value::from);
    }
    text.into()
}

#[test]
fn the_platform_follows_the_rule() {
    for (answers, verdict) in CASES {
        let keys: Vec<(&str, Value)> = answers.iter().map(|(key, text)| (*key, value(key, text))).collect();
        // Pools are not what this is about.
        let keys = [keys, vec![("scale.db-max-connections", Value::Integer(100_000))]].concat();
        match (spec_and_plan(&with(&keys)), verdict) {
            (Ok((_, plan)), Runs(platform)) => assert_eq!(plan.platform.name, *platform, "{answers:?}"),
            (Ok((_, plan)), Refused(_)) => panic!("{answers:?} runs on {}", plan.platform.name),
            (Err(error), Runs(platform)) => panic!("{answers:?} shall run on {platform}: {error:#}"),
            (Err(error), Refused(words)) => {
                assert_eq!(exit_code(&error), 2, "{answers:?}: {error:#}");
                for word in *words {
                    assert!(format!("{error:#}").contains(word), "{answers:?}: {word:?} is not in: {error:#}");
                }
            }
        }
    }
}

#[test]
fn files_of_a_platform_stand_only_where_it_was_chosen() -> Result<()> {
    for (answers, verdict) in CASES {
        let Runs(platform) = verdict else { continue };
        let keys: Vec<(&str, Value)> = answers.iter().map(|(key, text)| (*key, value(key, text))).collect();
        let keys = [keys, vec![("scale.db-max-connections", Value::Integer(100_000))]].concat();
        let emitted = emit(&with(&keys))?;
        for (folder, of) in [
            ("deploy/kubernetes/", "kubernetes"),
            ("deploy/compose/", "compose"),
            ("deploy/cloud-run/", "cloud-run"),
            ("deploy/ecs/", "ecs"),
        ] {
            let there = emitted.files.files().iter().any(|file| file.path.starts_with(folder));
            assert_eq!(there, of == *platform, "{folder} for {answers:?}");
        }
        let kinds = emitted.files.files().iter().filter(|file| !file.path.starts_with(".seaworthy/"));
        let manifests = kinds.filter(|file| {
            let text = String::from_utf8_lossy(&file.contents);
            text.starts_with("apiVersion:") || text.contains("\napiVersion:")
        });
        assert_eq!(manifests.count() > 0, ["kubernetes", "cloud-run"].contains(platform), "manifests for {answers:?}");
    }
    Ok(())
}

#[test]
fn the_teams_reason_is_kept_word_for_word() -> Result<()> {
    let reason = "  Our \"platform\" team\nruns <one>.  ";
    let (_, plan) = spec_and_plan(&with(&[("deploy.kubernetes-because", reason.into())]))?;
    assert_eq!(plan.platform.because, reason);
    Ok(())
}

#[test]
fn the_decision_says_why_what_else_and_what_would_change_it() -> Result<()> {
    let on_cloud_run = vec![("deploy.platform", "cloud-run".into()), ("deploy.cloud", "gcp".into())];
    for keys in [
        vec![],
        vec![("scale.team-size", Value::Integer(11))],
        vec![("deploy.kubernetes-because", "x".into())],
        on_cloud_run,
    ] {
        let (_, plan) = spec_and_plan(&with(&keys))?;
        let decision = plan.decisions.iter().find(|it| it.key == "platform.name");
        let Some(decision) = decision else { panic!("no decision about the platform") };
        assert!(!decision.reason.is_empty() && decision.flips.is_some());
        assert_eq!(decision.rejected.len(), 2);
        assert!(decision.inputs.iter().any(|input| input.key == "scale.peak-rps"));
    }
    Ok(())
}
