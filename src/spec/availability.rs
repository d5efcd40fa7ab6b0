//! The availability target, kept exact.

use serde::{Serialize, Serializer};

/// Share of time that the service shall answer, in thousandths of a percent: 99.95 % is 99 950.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Availability(u32);

impl Availability {
    /// From this target on, one machine is not enough: its reboots and updates alone use up the
    /// 21 minutes a month that 99.95 % leaves.
    pub const MANAGED: Self = Self(99_950);

    /// Reads `99.9`; at most three decimals, from 90 to 99.999.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = "expected a percentage from \"90\" to \"99.999\" with at most three decimals";
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || whole.len() > 3 || decimals.len() > 3 {
            return Err(format!("{text:?} is not a percentage; {expected}"));
        }
        let padded = format!("{whole}{decimals:0<3}");
        let value: u32 = padded.parse().map_err(|_| format!("{text:?} is not a percentage; {expected}"))?;
        if !(90_000..=99_999).contains(&value) {
            return Err(format!("{text:?} is out of bounds; {expected}"));
        }
        Ok(Self(value))
    }

    /// What the target leaves for being down, in thousandths of a percent of the time.
    #[must_use]
    pub fn thousandths_down(self) -> u32 {
        100_000 - self.0
    }

    /// Minutes a month of 30 days that the target leaves for being down, rounded down.
    #[must_use]
    pub fn minutes_down_a_month(self) -> u32 {
        const MINUTES_A_MONTH: u32 = 30 * 24 * 60;
        MINUTES_A_MONTH * self.thousandths_down() / 100_000
    }

    /// Seconds a day that the target leaves for being down.
    #[must_use]
    pub fn seconds_down_a_day(self) -> f64 {
        const SECONDS_A_DAY: u32 = 24 * 60 * 60;
        f64::from(SECONDS_A_DAY) * f64::from(100_000 - self.0) / 100_000.0
    }
}

impl std::fmt::Display for Availability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Availability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_exactly_at_the_boundary() {
        let parse = |text| Availability::parse(text).unwrap();
        assert!(parse("99.9") < Availability::MANAGED);
        assert!(parse("99.949") < Availability::MANAGED);
        assert!(parse("99.95") >= Availability::MANAGED);
        assert_eq!(parse("99.950"), Availability::MANAGED);
        assert_eq!(parse("99.9").minutes_down_a_month(), 43);
        assert_eq!(parse("99.90").to_string(), "99.9");
        assert_eq!(parse("99").to_string(), "99");
    }

    #[test]
    fn refuses_what_is_not_a_percentage() {
        for bad in ["", "99,9", "100", "89.9", "99.9999", "-1", "99.", ".9", "1e2", "٩٩"] {
            assert!(Availability::parse(bad).is_err(), "{bad}");
        }
    }
}
