//! Limits in time, such that each waits for the one inside it.

use serde::Serialize;

use super::decision::Ledger;
use super::platform::Platform;
use super::routing::Routing;
use crate::spec::{Cloud, Spec};

/// What a stopping instance has time for, seconds.
struct Stop {
    /// Between not being ready and no longer accepting connections: a few round trips, in which every open keep-alive
    /// connection is told to close by its next response.
    delay: u32,
    /// Why.
    delay_why: &'static str,
    /// For requests in flight, after that.
    drain: u32,
    /// To close Redis and database connections after the last request.
    close: u32,
    /// Between the service's own hard limit and the platform's SIGKILL.
    margin: u32,
    /// Why requests in flight get as much.
    why: &'static str,
    /// Milliseconds after which the database cancels a statement.
    statement_ms: u32,
}

/// Where the platform waits as long as it is told to. Load balancers give up on a request later than people do; 20 s is
/// beyond what an interactive request may take.
const ROOMY: Stop = Stop {
    delay: 2,
    delay_why: "every open connection gets one more response, which tells its client to close; closing sockets at once would fail requests on their way",
    drain: 20,
    close: 3,
    margin: 5,
    why: "longer than an interactive request may take, short enough for the service's hard limit of 30 s",
    statement_ms: 10_000,
};

/// Cloud Run sends SIGKILL 10 s after SIGTERM (its documentation, "Container runtime contract"), and takes an instance
/// out of its routing first.
const CLOUD_RUN: Stop = Stop {
    delay: 0,
    delay_why: "Cloud Run gives an instance that it stops no new requests, so there is nobody to tell",
    drain: 5,
    close: 1,
    margin: 4,
    why: "what the 10 s leave that Cloud Run waits between SIGTERM and SIGKILL, which no setting changes; it stops those instances first that have nothing to do",
    statement_ms: 4_000,
};

/// Seconds that a terminating pod keeps serving before it is told: endpoints leave kube-proxy and
/// load balancers only eventually, usually within a few seconds.
const PRE_STOP_SECONDS: u32 = 10;

/// Seconds that a load balancer of AWS waits for the requests of a task that goes: [`ROOMY`]'s for requests, and a margin.
const DEREGISTRATION_SECONDS: u32 = 30;

/// Traefik's default `serversTransport.forwardingTimeouts.idleConnTimeout` (its reference of the install configuration).
const TRAEFIK_IDLE_SECONDS: u32 = 90;

/// Limits in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Timeouts {
    /// Seconds after which the load balancer closes an idle connection to the service.
    pub lb_idle_seconds: u32,
    /// Seconds after which the service does; longer, so that a request never meets a closing socket.
    pub keep_alive_seconds: u32,
    /// Seconds between the end of a pod being decided and SIGTERM; 0 where there is no such hook.
    pub pre_stop_seconds: u32,
    /// Milliseconds between SIGTERM and no longer accepting.
    pub drain_delay_ms: u32,
    /// The same in seconds.
    pub drain_delay_seconds: u32,
    /// Seconds that requests in flight get.
    pub drain_seconds: u32,
    /// Milliseconds from SIGTERM until the service ends itself, finished or not.
    pub shutdown_timeout_ms: u32,
    /// The same in seconds.
    pub shutdown_timeout_seconds: u32,
    /// Seconds until the platform sends SIGKILL.
    pub grace_seconds: u32,
    /// Seconds from SIGTERM until then; the grace period also covers what comes before SIGTERM.
    pub kill_seconds: u32,
    /// Seconds between the service's own limit and that.
    pub margin_seconds: u32,
    /// Milliseconds that one dependency may take to answer a readiness check.
    pub readiness_check_ms: u32,
    /// Seconds that a probe waits, longer than the check.
    pub probe_timeout_seconds: u32,
    /// Milliseconds in which a request must have been received completely.
    pub request_timeout_ms: u32,
    /// Milliseconds after which the database cancels a statement.
    pub statement_timeout_ms: u32,
}

/// Decides all of them.
pub fn decide(spec: &Spec, platform: Platform, routing: Option<Routing>, ledger: &mut Ledger) -> Timeouts {
    let (lb_idle_seconds, keep_alive_seconds) = connections(spec, platform, routing, ledger);
    let pre_stop_seconds = pre_stop(platform, ledger);
    let stop = if platform == Platform::CloudRun { CLOUD_RUN } else { ROOMY };
    let drain_delay_seconds =
        ledger.decide("timeouts.drain_delay_seconds", "Still accepting after SIGTERM", stop.delay, "s", stop.delay_why);
    let drain_seconds =
        ledger.decide("timeouts.drain_seconds", "Time for running requests to finish", stop.drain, "s", stop.why);
    let shutdown_timeout_seconds = ledger.decide(
        "timeouts.shutdown_timeout_seconds",
        "Hard limit of a shutdown",
        drain_delay_seconds + drain_seconds + stop.close,
        "s",
        format!("{drain_delay_seconds} s still accepting, {drain_seconds} s for requests, {} s to close connections; then the service ends itself with an error", stop.close),
    );
    let grace_seconds = ledger.decide(
        "timeouts.grace_seconds",
        "Platform kills after",
        pre_stop_seconds + shutdown_timeout_seconds + stop.margin,
        "s",
        format!("{pre_stop_seconds} s before SIGTERM, the {shutdown_timeout_seconds} s of the service's own limit, and a margin of {} s", stop.margin),
    );
    let readiness_check_ms = ledger.decide(
        "timeouts.readiness_check_ms",
        "Limit of one readiness check",
        1000_u32,
        "ms",
        "a healthy database answers SELECT 1 in milliseconds; 1 s tells a slow network from an outage",
    );
    let probe_timeout_seconds = ledger.decide(
        "timeouts.probe_timeout_seconds",
        "Limit of one probe",
        2_u32,
        "s",
        "longer than the check that it waits for, so that the answer says which dependency is down",
    );
    let request_timeout_ms = ledger.decide(
        "timeouts.request_timeout_ms",
        "Longest time to receive a request",
        15_000_u32,
        "ms",
        "a client that sends slower than this holds a connection for nothing, or means to (Node's own default is 300 s)",
    );
    let mut statement_timeout_ms = stop.statement_ms;
    if spec.database {
        statement_timeout_ms = ledger.decide(
            "timeouts.statement_timeout_ms",
            "Longest database statement",
            stop.statement_ms,
            "ms",
            format!("shorter than the {drain_seconds} s in which a stopping instance finishes its requests, so that a stuck statement fails with an error and not with the process"),
        );
    }
    Timeouts {
        lb_idle_seconds,
        keep_alive_seconds,
        pre_stop_seconds,
        drain_delay_ms: drain_delay_seconds * 1000,
        drain_delay_seconds,
        drain_seconds,
        shutdown_timeout_ms: shutdown_timeout_seconds * 1000,
        shutdown_timeout_seconds,
        grace_seconds,
        kill_seconds: grace_seconds - pre_stop_seconds,
        margin_seconds: stop.margin,
        readiness_check_ms,
        probe_timeout_seconds,
        request_timeout_ms,
        statement_timeout_ms,
    }
}

/// Idle time of the load balancer and of the service.
fn connections(spec: &Spec, platform: Platform, routing: Option<Routing>, ledger: &mut Ledger) -> (u32, u32) {
    let is_ingress = routing.is_some_and(|it| it.ingress);
    let (idle, whose): (u32, _) = match (platform, spec.deploy.cloud) {
        // The controller's own pods hold the connections, whoever runs the cluster.
        _ if is_ingress => (
            TRAEFIK_IDLE_SECONDS,
            "Traefik's default, and longer than the Application Load Balancer's; compare it with your controller's",
        ),
        (Platform::Compose, _) => (60, "set in deploy/compose/Caddyfile"),
        (_, Cloud::Aws) => (60, "default of the Application Load Balancer"),
        (_, Cloud::Gcp) => (600, "fixed in Google Cloud's application load balancers"),
        (_, Cloud::Azure) => (240, "default of Azure's load balancers"),
        (_, Cloud::None) => (60, "a common default of proxies; compare it with your gateway's"),
    };
    // Google asks for 620 s behind its 600; a few seconds do elsewhere.
    let above = if idle == 600 { 20 } else { 5 };
    let idle =
        ledger.decide("timeouts.lb_idle_seconds", "Load balancer closes an idle connection after", idle, "s", whose);
    ledger.from(if is_ingress { &["deploy.routing"] } else { &["deploy.cloud"] });
    let keep_alive = ledger.decide(
        "timeouts.keep_alive_seconds",
        "Service closes an idle connection after",
        idle + above,
        "s",
        format!("{above} s longer than the load balancer's, which must be the one to close: otherwise it may send a request into a socket that the service is just closing, and answers 502"),
    );
    (idle, keep_alive)
}

fn pre_stop(platform: Platform, ledger: &mut Ledger) -> u32 {
    let (value, reason) = match platform {
        Platform::Kubernetes => (
            PRE_STOP_SECONDS,
            "a pod leaves the endpoints and the load balancer's targets only some seconds after its end was decided; until then it serves as before",
        ),
        Platform::CloudRun => (0, "the platform takes an instance out of its load balancer before it sends SIGTERM"),
        Platform::Ecs => (
            DEREGISTRATION_SECONDS,
            "the load balancer sends a task that goes no new requests, and waits this long for those that run, which is longer than one may take; then ECS sends SIGTERM (deregistration delay)",
        ),
        Platform::Compose => (0, "the deploy script switches the proxy before it stops a slot"),
    };
    ledger.decide("timeouts.pre_stop_seconds", "Time between the decision to stop and SIGTERM", value, "s", reason)
}
