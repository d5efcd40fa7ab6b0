//! How requests come into the cluster and to the service.

use serde::Serialize;
use serde_json::Value as Json;

use super::decision::{Decided, Ledger, Step};
use super::platform::Platform;
use crate::spec::{Cloud, Route, Spec};

impl From<Route> for Json {
    fn from(route: Route) -> Self {
        match route {
            Route::Gateway => "gateway".into(),
            Route::Ingress => "ingress".into(),
        }
    }
}

impl Decided for Route {
    fn otherwise(&self, _: Step) -> Self {
        match self {
            Self::Gateway => Self::Ingress,
            Self::Ingress => Self::Gateway,
        }
    }
}

/// How requests reach the service in a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "templates ask one of them by name")]
pub struct Routing {
    /// What leads them there; also the name of the network policy that lets them in.
    pub kind: Route,
    /// It is an `HTTPRoute`.
    pub gateway: bool,
    /// It is an `Ingress`.
    pub ingress: bool,
    /// Whether load balancers of Google ask the pods themselves, from addresses of their own.
    pub google: bool,
    /// What stands at the edge, for people.
    pub door: &'static str,
}

/// Decides it; none outside of a cluster.
pub(super) fn decide(spec: &Spec, platform: Platform, ledger: &mut Ledger) -> Option<Routing> {
    if platform != Platform::Kubernetes {
        return None;
    }
    let kind = match spec.deploy.route {
        Route::Gateway => gateway(ledger),
        Route::Ingress => asked_for_ingress(ledger),
    };
    let gateway = kind == Route::Gateway;
    Some(Routing {
        kind,
        gateway,
        ingress: !gateway,
        google: gateway && spec.deploy.cloud == Cloud::Gcp,
        door: if gateway { "the gateway" } else { "the Ingress controller" },
    })
}

const TITLE: &str = "Requests come into the cluster by";

fn gateway(ledger: &mut Ledger) -> Route {
    let kind = ledger.decide(
        "routing.kind",
        TITLE,
        Route::Gateway,
        "",
        "a shared Gateway has the address and the certificate, and each service only its own route; the Gateway API is where Kubernetes goes on",
    );
    ledger.from(&["deploy.routing"]);
    ledger.rejected(
        "An Ingress",
        "the API gets no new features, and what it leaves out, redirects and timeouts among it, each controller reads from settings of its own; ingress-nginx, which most clusters had, was retired in March 2026",
    );
    ledger.flips("deploy.routing = \"ingress\", for a cluster that has a controller for it and no Gateway");
    kind
}

fn asked_for_ingress(ledger: &mut Ledger) -> Route {
    let kind = ledger.decide(
        "routing.kind",
        TITLE,
        Route::Ingress,
        "",
        "deploy.routing asks for it, for a cluster that has a controller for it; the class is the overlay's to say, and nothing is of one controller",
    );
    ledger.from(&["deploy.routing"]);
    ledger.rejected(
        "ingress-nginx as the controller",
        "it was retired in March 2026 and gets no fixes any more, not for security either; so nothing here uses its annotations",
    );
    ledger.rejected("An HTTPRoute of the Gateway API", "deploy.routing says that the cluster has no Gateway");
    ledger.flips("deploy.routing = \"gateway\", as soon as the cluster has a Gateway");
    kind
}
