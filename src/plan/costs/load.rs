//! What a month of load comes to.

use super::money::Amount;
use super::prices::Table;
use crate::spec::Spec;

/// Hours of a month, as the providers count.
pub(super) const HOURS: u32 = 730;

const SECONDS: u32 = HOURS * 3600;

/// Where the load of an average hour lies on the way from the quietest hour to the peak, in percent.
const MEAN_PERCENT: (u32, u32) = (25, 50);

/// Bytes of an answer.
const ANSWER_BYTES: (u32, u32) = (2000, 8000);

/// Bytes of the one line that a request leaves in the log.
const LOG_BYTES: (u32, u32) = (300, 600);

/// Time of a request on the database's own CPU, microseconds. Most of its
/// [`DATABASE_MS_PER_REQUEST`](crate::plan::capacity::DATABASE_MS_PER_REQUEST) is waiting.
const DATABASE_CPU_MICROS: (u32, u32) = (500, 2000);

/// How busy the CPU of the database may be, percent.
const DATABASE_BUSY_PERCENT: u32 = 60;

/// Smallest managed database of a production service, vCPU.
pub(super) const DATABASE_LEAST_CPUS: u32 = 2;

/// Data in the database, GB.
pub(super) const DATABASE_GB: (u32, u32) = (20, 200);

/// Files in the object storage, GB.
pub(super) const FILES_GB: (u32, u32) = (100, 1000);

/// Commands that a request sends to Redis.
pub(super) const REDIS_COMMANDS: (u32, u32) = (1, 3);

/// The load of a month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Load {
    /// Requests of the whole month.
    pub(super) requests: Amount,
    /// Answers, GB.
    pub(super) answers_gb: Amount,
    /// Log lines, GB.
    pub(super) log_gb: Amount,
    /// vCPU of a database that carries the peak.
    pub(super) database_cpus: (u32, u32),
}

/// The mean of something that follows the load between two numbers.
pub(super) fn mean(least: u32, most: u32) -> Amount {
    let above = most.saturating_sub(least);
    let at = |percent: u32| u128::from(least) * 1000 + u128::from(above) * 10 * u128::from(percent);
    Amount { low: at(MEAN_PERCENT.0), high: at(MEAN_PERCENT.1) }
}

impl Load {
    pub(super) fn of(spec: &Spec) -> Self {
        let requests = mean(spec.scale.trough_rps, spec.scale.peak_rps).times(SECONDS);
        let gigabytes = |bytes: (u32, u32)| requests.times_between(bytes.0, bytes.1).over(1_000_000_000);
        let cpus = |micros: u32| {
            let busy = u64::from(spec.scale.peak_rps) * u64::from(micros);
            let needed = busy.div_ceil(10_000 * u64::from(DATABASE_BUSY_PERCENT));
            u32::try_from(needed).unwrap_or(u32::MAX).max(DATABASE_LEAST_CPUS)
        };
        Self {
            requests,
            answers_gb: gigabytes(ANSWER_BYTES),
            log_gb: gigabytes(LOG_BYTES),
            database_cpus: (cpus(DATABASE_CPU_MICROS.0), cpus(DATABASE_CPU_MICROS.1)),
        }
    }
}

/// All of that in words, for whoever reads the ranges.
pub(super) fn assumptions(table: &Table) -> Vec<String> {
    let milliseconds = |micros: u32| format!("{}.{}", micros / 1000, micros % 1000 / 100);
    vec![
        format!(
            "An average hour lies {} to {} % of the way from the quietest hour to the peak; a month has {HOURS} hours.",
            MEAN_PERCENT.0, MEAN_PERCENT.1
        ),
        format!(
            "An answer has {} to {} kB, and leaves a line of {} to {} bytes in the log.",
            ANSWER_BYTES.0 / 1000,
            ANSWER_BYTES.1 / 1000,
            LOG_BYTES.0,
            LOG_BYTES.1
        ),
        format!(
            "A managed database spends {} to {} ms of CPU on a request, is {DATABASE_BUSY_PERCENT} % busy at the peak and holds {} \
             to {} GB.",
            milliseconds(DATABASE_CPU_MICROS.0),
            milliseconds(DATABASE_CPU_MICROS.1),
            DATABASE_GB.0,
            DATABASE_GB.1
        ),
        format!(
            "List prices of the cheapest large region of a cloud; the upper end has {} % for others.",
            table.elsewhere.percent
        ),
        "Not in it: taxes, discounts, people, support plans, disks and backups, NAT gateways, registry, CI, and the logs of a cluster."
            .to_owned(),
    ]
}
