//! Images that stay what they were.

use crate::review::read::dockerfile::Dockerfile;
use crate::review::read::kubernetes::workloads;
use crate::review::read::kustomize::split_image;
use crate::review::read::workflow::Workflow;
use crate::review::{Place, Problem, Repository, Risk, Rule, Severity};

pub(crate) const RULES: &[Rule] = &[Rule {
    id: "image-tags",
    description: "Every image has a tag other than latest, or a digest.",
    risk: Risk::Availability,
    severity: Severity::Medium,
    why: "The next pull runs other code than what was tested, and there is nothing to roll back to.",
    source: Some("https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"),
    check: image_tags,
}];

fn image_tags(repository: &Repository) -> Vec<Problem> {
    let mut images = of_dockerfile(repository);
    for compose in &repository.compose {
        for service in compose.services() {
            // What is built here gets its name here.
            let image = service.image().filter(|_| service.node.get("build").is_none());
            images.extend(image.and_then(|image| Some((image.place.clone(), image.text()?.to_owned()))));
        }
    }
    for container in repository.overlays.iter().flat_map(workloads).flat_map(|workload| workload.containers()) {
        images.extend(container.get("image").and_then(|image| Some((image.place.clone(), image.text()?.to_owned()))));
    }
    for task in repository.ecs.apps() {
        images.extend(task.container.get("image").and_then(|it| Some((it.place.clone(), it.text()?.to_owned()))));
    }
    for job in repository.workflows.iter().flat_map(Workflow::jobs) {
        let services = job.node.entries_at(&["services"]).iter().filter_map(|(_, service)| service.get("image"));
        let container = job.node.get("container").map(|container| container.get("image").unwrap_or(container));
        images.extend(
            services.chain(container).filter_map(|image| Some((image.place.clone(), image.text()?.to_owned()))),
        );
    }
    images
        .into_iter()
        .filter(|(_, image)| is_loose(image))
        .map(|(place, image)| {
            Problem::new(
                &place,
                format!("{image} is a different image tomorrow"),
                "Name a version, and where it is known a digest.",
            )
        })
        .collect()
}

fn is_loose(image: &str) -> bool {
    let is_variable = image.contains('$');
    let (_, version) = split_image(image);
    !is_variable && (version.is_empty() || version == ":latest")
}

/// FROM, and COPY --from of an image, without the stages of the file itself and what an ARG decides.
fn of_dockerfile(repository: &Repository) -> Vec<(Place, String)> {
    repository.dockerfiles.iter().flat_map(bases).collect()
}

fn bases(dockerfile: &Dockerfile) -> Vec<(Place, String)> {
    let mut stages = vec!["scratch".to_owned()];
    let mut images = Vec::new();
    for instruction in &dockerfile.instructions {
        let mut words = instruction.rest.split_whitespace().filter(|word| !word.starts_with("--platform"));
        let image = match instruction.word.as_str() {
            "FROM" => words.next(),
            "COPY" => words.find_map(|word| word.strip_prefix("--from=")),
            _ => None,
        };
        let image = image.map(|image| dockerfile.expanded(image));
        let is_stage = image.as_ref().is_some_and(|image| stages.contains(image) || image.parse::<usize>().is_ok());
        images.extend(image.filter(|_| !is_stage).map(|image| (instruction.place.clone(), image)));
        if let Some((_, stage)) = instruction.rest.split_once(" AS ").or_else(|| instruction.rest.split_once(" as ")) {
            stages.push(stage.trim().to_owned());
        }
    }
    images
}
