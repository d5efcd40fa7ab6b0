//! The autoscaler upwards: the rule of the `HorizontalPodAutoscaler` with the numbers of the plan. Downwards it does nothing
//! within the time of a scenario, in which the load never falls.

use crate::plan::Autoscaler;

/// Sees the load late, decides now and then, and adds no more than it may.
#[derive(Debug, Clone)]
pub struct Scaler {
    rules: Autoscaler,
    /// Share of an instance's CPU that is aimed at.
    target: f64,
    /// Cores that one instance sets aside.
    request: f64,
    least: f64,
    most: f64,
    /// Busy cores in each second so far.
    cores: Vec<f64>,
    /// When instances were added, and how many.
    added: Vec<(u32, f64)>,
}

impl Scaler {
    /// One that has added nothing yet, for instances with so many cores set aside, of which the share `target` is aimed at.
    #[must_use]
    pub fn new(rules: Autoscaler, target: f64, request: f64, (least, most): (u32, u32)) -> Self {
        let (least, most) = (f64::from(least), f64::from(most));
        Self { rules, target, request, least, most, cores: Vec::new(), added: Vec::new() }
    }

    /// The fewest instances at which it leaves a steady load as it is.
    #[must_use]
    pub fn content_with(&self, cores: f64) -> f64 {
        (cores / (self.request * self.target * (1.0 + self.tolerance()))).ceil().clamp(self.least, self.most)
    }

    /// How many instances it adds in this second, of `count` that there are, those that start among them.
    pub fn decide(&mut self, now: u32, cores: f64, count: f64) -> f64 {
        self.cores.push(cores);
        if now == 0 || !now.is_multiple_of(self.rules.sync_seconds) {
            return 0.0;
        }
        let Some(seen) = self.seen(now) else { return 0.0 };
        let wanted = seen / (self.request * self.target);
        // Those that start count as idle, as Kubernetes has it.
        if wanted / count <= 1.0 + self.tolerance() {
            return 0.0;
        }
        let since = now.saturating_sub(self.rules.up_period_seconds);
        let recent: f64 = self.added.iter().filter(|(when, _)| *when > since).map(|(_, many)| many).sum();
        let before = count - recent;
        let step = (before * f64::from(self.rules.up_percent) / 100.0).max(f64::from(self.rules.up_pods));
        let allowed = wanted.ceil().min(before + step).min(self.most);
        let added = (allowed - count).max(0.0);
        if added > 0.0 {
            self.added.push((now, added));
        }
        added
    }

    fn tolerance(&self) -> f64 {
        f64::from(self.rules.tolerance_percent) / 100.0
    }

    /// The mean of the latest reading, which is as old as the time between two of them.
    fn seen(&self, now: u32) -> Option<f64> {
        let period = self.rules.metrics_seconds;
        let (from, to) = (now.checked_sub(2 * period)?, now - period);
        let span = self.cores.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)?;
        Some(span.iter().sum::<f64>() / f64::from(period))
    }
}
