//! The cover of the tool's own answer space, made once for all tests.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use anyhow::{Context, Result, ensure};

use crate::cover::{Cover, Model, Pair, Row, pairs_of, product};
use crate::model::{Factor, factors, label, means_something};
use crate::row::answered;

/// Where the search starts from: fixed, so that a failure can be seen again.
const SEED: u64 = 1;

/// Factors, rows, and the pairs that do not fit together.
pub(crate) struct Space {
    pub(crate) factors: Vec<Factor>,
    pub(crate) cover: Cover,
    pub(crate) pairs: Vec<Pair>,
}

static SPACE: LazyLock<Result<Space, String>> = LazyLock::new(|| make().map_err(|error| format!("{error:#}")));

/// The space.
pub(crate) fn space() -> Result<&'static Space> {
    SPACE.as_ref().map_err(anyhow::Error::msg)
}

fn make() -> Result<Space> {
    let factors = factors()?;
    let sizes: Vec<usize> = factors.iter().map(|factor| factor.levels.len()).collect();
    let known = starts(&factors)?;
    let model = Model {
        sizes,
        means_something: &|pair| means_something(&factors, pair),
        accepts: &|row| accepts(&factors, row),
    };
    let (cover, pairs) = (model.cover(&known, SEED), model.pairs());
    Ok(Space { factors, cover, pairs })
}

/// Rows to start from: nothing answered, the smallest load, and each platform with what it cannot do without; by flags, and in a file without a
/// database, where answers about one are taken and change nothing.
fn starts(factors: &[Factor]) -> Result<Vec<Row>> {
    let platforms: [&[&str]; 5] = [
        &[],
        &["scale.peak-rps=1", "scale.trough-rps=0", "stack.queue=\"none\""],
        &["deploy.platform=\"ecs\"", "deploy.cloud=\"aws\""],
        &["deploy.platform=\"cloud-run\"", "deploy.cloud=\"gcp\"", "stack.queue=\"none\""],
        &["deploy.platform=\"kubernetes\"", "scale.regions=2"],
    ];
    let in_a_file: &[&str] = &["start=PresetFile", "stack.database=\"none\""];
    let mut rows = Vec::new();
    for answers in platforms.iter().flat_map(|answers| [answers.to_vec(), [*answers, in_a_file].concat()]) {
        let mut row = vec![0; factors.len()];
        for answer in &answers {
            let names =
                factors.iter().map(|factor| (0..factor.levels.len()).position(|level| label(factor, level) == *answer));
            let (factor, level) =
                names.enumerate().find_map(|(factor, level)| Some((factor, level?))).context(*answer)?;
            row[factor] = level;
        }
        ensure!(accepts(factors, &row), "{answers:?} is refused");
        rows.push(row);
    }
    Ok(rows)
}

fn accepts(factors: &[Factor], row: &[usize]) -> bool {
    answered(factors, row).plan("orders").is_ok()
}

#[test]
fn every_pair_stands_in_a_row_or_is_called_impossible() -> Result<()> {
    let space = space()?;
    let covered: BTreeSet<Pair> = space.cover.rows.iter().flat_map(|row| pairs_of(row)).collect();
    for pair in &space.pairs {
        let is_impossible = space.cover.impossible.contains(pair);
        let name = |(factor, level): (usize, usize)| label(&space.factors[factor], level);
        assert_ne!(covered.contains(pair), is_impossible, "{} with {}", name(pair.0), name(pair.1));
    }
    assert!(space.cover.rows.iter().all(|row| accepts(&space.factors, row)));
    Ok(())
}

/// The proof by trying every row that could matter, which takes some minutes: `tests/run.sh space --all`.
#[test]
#[ignore = "takes minutes"]
#[allow(clippy::print_stdout, reason = "the count is part of the result")]
fn no_impossible_pair_stands_in_any_row_at_all() -> Result<()> {
    let space = space()?;
    let classes = classes(space);
    let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
    println!("{} rows that differ in what decides", sizes.iter().product::<usize>());
    let open: Vec<Pair> = space.cover.impossible.clone();
    let mut tried = 0_usize;
    for pair in open {
        let mut of_pair = classes.clone();
        of_pair[pair.0.0] = vec![pair.0.1];
        of_pair[pair.1.0] = vec![pair.1.1];
        let sizes: Vec<usize> = of_pair.iter().map(Vec::len).collect();
        for row in product(&sizes) {
            let row: Row = row.iter().zip(&of_pair).map(|(level, levels)| levels[*level]).collect();
            tried += 1;
            let name = |(factor, level): (usize, usize)| label(&space.factors[factor], level);
            assert!(!accepts(&space.factors, &row), "{} with {} is possible: {row:?}", name(pair.0), name(pair.1));
        }
    }
    println!("{tried} rows tried, all refused");
    Ok(())
}

/// For each factor one level of each kind of influence: two levels are alike when exchanging one for the other
/// changes the tool's verdict on no row of the cover.
fn classes(space: &Space) -> Vec<Vec<usize>> {
    (0..space.factors.len())
        .map(|factor| {
            let mut seen = BTreeSet::new();
            (0..space.factors[factor].levels.len())
                .filter(|level| {
                    let verdicts: Vec<bool> = space
                        .cover
                        .rows
                        .iter()
                        .map(|row| {
                            let mut row = row.clone();
                            row[factor] = *level;
                            accepts(&space.factors, &row)
                        })
                        .collect();
                    seen.insert(verdicts)
                })
                .collect()
        })
        .collect()
}
