//! The price table `prices.toml`: what things cost, each with its source and date. Data of this version, read from no clock and no network.

use std::sync::LazyLock;

use serde::Deserialize;

/// Parts of a dollar in which prices are held, so that no sum depends on rounding: 10⁻¹².
pub(super) const PICO: u128 = 1_000_000_000_000;

/// Decimals of that.
const DECIMALS: usize = 12;

const SECONDS_AN_HOUR: u128 = 3600;

static TABLE: LazyLock<Result<Table, String>> =
    LazyLock::new(|| toml::from_str(include_str!("prices.toml")).map_err(|error| error.to_string()));

/// The data file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// Day on which the table was last gone through.
    pub as_of: String,
    /// How much more other regions ask.
    pub elsewhere: Elsewhere,
    /// The euro in dollars.
    pub euro: Euro,
    /// One row an offer.
    #[serde(rename = "price")]
    pub prices: Vec<Price>,
}

/// How much more other regions ask than those of the table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Elsewhere {
    /// In percent, for the upper end of a range.
    pub percent: u32,
    /// Where it was read.
    pub source: String,
    /// Date that the source gives.
    pub dated: String,
    /// Day on which it was read there.
    pub seen: String,
}

/// The euro in dollars.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Euro {
    /// Dollars.
    pub usd: String,
    /// Where it was read.
    pub source: String,
    /// Date that the source gives.
    pub dated: String,
    /// Day on which it was read there.
    pub seen: String,
}

/// One offer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Provider and thing. Rows with the same key are offers of the same thing.
    pub key: String,
    /// What is offered.
    pub what: String,
    /// What is counted.
    pub unit: String,
    /// For how many of it the price is.
    pub quantity: u32,
    /// Lowest price, a decimal number.
    pub low: String,
    /// Highest price, a decimal number.
    pub high: String,
    /// `USD` or `EUR`.
    pub currency: String,
    /// Where it is asked.
    pub region: String,
    /// Title and address of where it was read.
    pub source: String,
    /// Date that the source gives for it, or `undated`.
    pub dated: String,
    /// Day on which it was read there.
    pub seen: String,
}

/// What one unit costs, in [`PICO`] dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) low: u128,
    pub(super) high: u128,
}

impl Table {
    /// The table that is part of the binary.
    ///
    /// # Errors
    /// When the file is not what the struct says; a test sees to it that it is.
    pub fn embedded() -> anyhow::Result<&'static Self> {
        TABLE.as_ref().map_err(|error| anyhow::anyhow!("reading the embedded prices.toml: {error}"))
    }

    /// What one unit of a thing costs, over all of its rows; none where there is no row. Seconds are given as hours.
    pub(super) fn rate(&self, key: &str) -> Option<Rate> {
        let rates = self.prices.iter().filter(|row| row.key == key).filter_map(|row| self.rate_of(row));
        rates.reduce(|one, other| Rate { low: one.low.min(other.low), high: one.high.max(other.high) })
    }

    fn rate_of(&self, row: &Price) -> Option<Rate> {
        let usd = if row.currency == "EUR" { parse(&self.euro.usd)? } else { PICO };
        let hours = if row.unit.ends_with("-second") { SECONDS_AN_HOUR } else { 1 };
        let one = |text: &str| Some(parse(text)? * usd / PICO * hours / u128::from(row.quantity.max(1)));
        // Whoever rents machines compares offers; who has a cloud has its region too.
        let elsewhere = if row.key.starts_with("none.") { 0 } else { self.elsewhere.percent };
        Some(Rate { low: one(&row.low)?, high: one(&row.high)? * u128::from(100 + elsewhere) / 100 })
    }

    /// The oldest and the newest date of the rows that have one.
    pub(super) fn dates(&self) -> (&str, &str) {
        let dates = || self.prices.iter().map(|row| row.dated.as_str()).filter(|date| *date != "undated");
        (dates().min().unwrap_or(&self.as_of), dates().max().unwrap_or(&self.as_of))
    }
}

/// A decimal number in [`PICO`].
fn parse(text: &str) -> Option<u128> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(decimals) || decimals.len() > DECIMALS {
        return None;
    }
    format!("{whole}{decimals:0<DECIMALS$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_date(text: &str) -> bool {
        let parts: Vec<&str> = text.split('-').collect();
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        [&[4][..], &[4, 2], &[4, 2, 2]].contains(&&lengths[..])
            && parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()))
    }

    #[test]
    fn every_price_has_a_source_a_date_and_a_sound_range() {
        let table = Table::embedded().unwrap();
        for row in &table.prices {
            let shown = format!("{} ({})", row.key, row.what);
            assert!(row.source.contains("https://"), "{shown}: no address");
            assert!(row.dated == "undated" || is_date(&row.dated), "{shown}: {}", row.dated);
            assert!(is_date(&row.seen) && row.seen.len() == 10 && row.seen <= table.as_of, "{shown}: {}", row.seen);
            assert!(row.dated == "undated" || row.dated <= row.seen, "{shown}: dated after it was seen");
            assert!(["USD", "EUR"].contains(&row.currency.as_str()), "{shown}: {}", row.currency);
            assert!(!row.region.is_empty() && !row.what.is_empty(), "{shown}");
            let (low, high) = (parse(&row.low).unwrap(), parse(&row.high).unwrap());
            assert!(0 < low && low <= high, "{shown}: {} to {}", row.low, row.high);
        }
        assert!(table.elsewhere.source.contains("https://") && is_date(&table.elsewhere.dated));
        assert!(table.euro.source.contains("https://") && is_date(&table.euro.dated));
        assert!(table.elsewhere.seen <= table.as_of && table.euro.seen <= table.as_of);
    }

    #[test]
    fn offers_of_one_thing_are_counted_in_one_unit() {
        let table = Table::embedded().unwrap();
        for row in &table.prices {
            let others = table.prices.iter().filter(|other| other.key == row.key);
            assert!(others.into_iter().all(|other| other.unit == row.unit), "{}", row.key);
        }
    }

    #[test]
    fn rates_are_for_one_unit_in_dollars() {
        let table = Table::embedded().unwrap();
        let rate = |key| table.rate(key).unwrap();
        assert_eq!(rate("aws.container-cpu"), Rate { low: 40_480_000_000, high: 52_624_000_000 });
        assert_eq!(rate("gcp.container-cpu").low, 64_800_000_000);
        assert_eq!(rate("none.machine").low, 37_500_000_000 * 11_637 / 10_000 / 8);
        assert_eq!(rate("none.machine").high, 112 * PICO / 5840);
        assert_eq!(table.rate("azure.machine"), None);
    }

    #[test]
    fn only_decimal_numbers_are_prices() {
        assert_eq!(parse("0.0000025"), Some(2_500_000));
        assert_eq!(parse("96"), Some(96 * PICO));
        for text in ["", ".5", "1,5", "-1", "1.2.3", "1e3", "0.1234567890123"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
