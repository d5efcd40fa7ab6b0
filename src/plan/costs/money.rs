//! Amounts of things, and of money.

use serde::Serialize;
use serde::ser::SerializeStruct;

use super::prices::{PICO, Rate};

/// How much of something is used in a month, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Amount {
    pub(super) low: u128,
    pub(super) high: u128,
}

impl Amount {
    pub(super) fn exactly(number: u32) -> Self {
        Self::between(number, number)
    }

    pub(super) fn between(low: u32, high: u32) -> Self {
        Self { low: u128::from(low) * 1000, high: u128::from(high) * 1000 }
    }

    /// So many times as much.
    pub(super) fn times(self, factor: u32) -> Self {
        self.times_between(factor, factor)
    }

    pub(super) fn times_between(self, low: u32, high: u32) -> Self {
        Self { low: self.low * u128::from(low), high: self.high * u128::from(high) }
    }

    pub(super) fn over(self, divisor: u32) -> Self {
        Self { low: self.low / u128::from(divisor), high: self.high / u128::from(divisor) }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }

    /// What it costs.
    pub(super) fn at(self, rate: Rate) -> Money {
        Money { low: self.low * rate.low / 1000, high: self.high * rate.high / 1000 }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let one = |thousandths: u128| {
            if thousandths >= 100_000 {
                let whole = thousandths / 1000;
                return grouped(whole / step(whole) * step(whole));
            }
            let tenths = (thousandths + 50) / 100;
            if tenths.is_multiple_of(10) {
                (tenths / 10).to_string()
            } else {
                format!("{}.{}", tenths / 10, tenths % 10)
            }
        };
        if self.low == self.high {
            return f.write_str(&one(self.low));
        }
        write!(f, "{} to {}", one(self.low), one(self.high))
    }
}

/// A range of money a month, in [`PICO`] dollars. Shown, and serialised as `low` and `high`, in whole dollars of two figures: down at the
/// lower end and up at the upper one, so that a small change of a price changes no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Money {
    low: u128,
    high: u128,
}

impl Money {
    pub(super) fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }

    /// Lower end, dollars.
    #[must_use]
    pub fn low(self) -> u128 {
        let dollars = self.low / PICO;
        let step = step(dollars);
        dollars / step * step
    }

    /// Upper end, dollars.
    #[must_use]
    pub fn high(self) -> u128 {
        let dollars = self.high.div_ceil(PICO);
        let step = step(dollars);
        dollars.div_ceil(step) * step
    }
}

/// What two figures of a number are counted in.
fn step(number: u128) -> u128 {
    let mut step = 1;
    while number / step >= 100 {
        step *= 10;
    }
    step
}

/// `12000` as `12,000`.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.low() == self.high() {
            return write!(f, "${}", grouped(self.low()));
        }
        write!(f, "${} to ${}", grouped(self.low()), grouped(self.high()))
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let dollars = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        let mut fields = serializer.serialize_struct("Money", 2)?;
        fields.serialize_field("low", &dollars(self.low()))?;
        fields.serialize_field("high", &dollars(self.high()))?;
        fields.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(low: u128, high: u128) -> String {
        Money { low: low * PICO / 100, high: high * PICO / 100 }.to_string()
    }

    #[test]
    fn money_has_two_figures_and_the_range_never_shrinks() {
        assert_eq!(money(0, 1), "$0 to $1");
        assert_eq!(money(7300, 7300), "$73");
        assert_eq!(money(9999, 10_001), "$99 to $110");
        assert_eq!(money(123_456, 123_456), "$1,200 to $1,300");
        assert_eq!(money(123_456_789, 999_999_999), "$1,200,000 to $10,000,000");
    }

    #[test]
    fn amounts_have_one_decimal_or_two_figures() {
        assert_eq!(Amount { low: 18_750, high: 29_500 }.to_string(), "18.8 to 29.5");
        assert_eq!(Amount::exactly(3).times(2).to_string(), "6");
        assert_eq!(Amount::between(99, 141_912).to_string(), "99 to 140,000");
        assert_eq!(Amount::between(1, 3).over(2).to_string(), "0.5 to 1.5");
    }
}
