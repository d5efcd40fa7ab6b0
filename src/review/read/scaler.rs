//! What sets the number of pods of a workload: an autoscaler, or KEDA's object, which makes one.

use super::kubernetes::name;
use super::kustomize::Overlay;
use crate::review::Node;

/// KEDA's own `maxReplicaCount`.
const KEDA_MOST: i64 = 100;

/// An autoscaler as the rules ask for it.
#[derive(Clone, Copy)]
pub(crate) struct Scaler<'a> {
    pub(crate) object: &'a Node,
    /// Fields of the fewest and the most pods, and what they are where the object does not say.
    least: (&'static str, i64),
    most: (&'static str, i64),
}

/// All of an overlay.
pub(crate) fn scalers(overlay: &Overlay) -> Vec<Scaler<'_>> {
    let found = overlay.objects.iter().filter_map(|object| match object.text_at(&["kind"])? {
        "HorizontalPodAutoscaler" => Some(Scaler { object, least: ("minReplicas", 1), most: ("maxReplicas", 0) }),
        "ScaledObject" => Some(Scaler { object, least: ("minReplicaCount", 0), most: ("maxReplicaCount", KEDA_MOST) }),
        _ => None,
    });
    found.collect()
}

/// The one that scales a workload.
pub(crate) fn scaler_of<'a>(overlay: &'a Overlay, workload: &Node) -> Option<Scaler<'a>> {
    scalers(overlay).into_iter().find(|scaler| scaler.scales(workload))
}

impl<'a> Scaler<'a> {
    /// Kind and name of what it scales; a Deployment, where it names no kind.
    pub(crate) fn target(&self) -> Option<(&'a str, &'a str)> {
        let target = self.object.at(&["spec", "scaleTargetRef"])?;
        Some((target.text_at(&["kind"]).unwrap_or("Deployment"), target.text_at(&["name"])?))
    }

    pub(crate) fn scales(&self, workload: &Node) -> bool {
        self.target().is_some_and(|(_, target)| target == name(workload))
    }

    pub(crate) fn least_node(&self) -> Option<&'a Node> {
        self.object.at(&["spec", self.least.0])
    }

    pub(crate) fn most_node(&self) -> Option<&'a Node> {
        self.object.at(&["spec", self.most.0])
    }

    /// Fewest pods.
    pub(crate) fn least(&self) -> i64 {
        self.least_node().and_then(Node::integer).unwrap_or(self.least.1)
    }

    /// Most pods.
    pub(crate) fn most(&self) -> i64 {
        self.most_node().and_then(Node::integer).unwrap_or(self.most.1)
    }

    /// Name of the field of the fewest pods.
    pub(crate) fn least_field(&self) -> &'static str {
        self.least.0
    }

    /// Name of the field of the most pods.
    pub(crate) fn most_field(&self) -> &'static str {
        self.most.0
    }
}
