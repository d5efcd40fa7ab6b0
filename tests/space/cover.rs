//! A pairwise cover: rows such that every two levels that fit together stand in some row together.
//!
//! Greedy and seeded. What fits together is not described but asked: `accepts` judges whole rows. So a row starts
//! as one that is accepted and holds a pair that is still open, and is then changed level by level towards more open
//! pairs, as long as it stays accepted.

use std::collections::BTreeSet;

/// A level of a factor: which factor, and which of its levels.
pub(crate) type Choice = (usize, usize);

/// Two levels of different factors, the earlier factor first.
pub(crate) type Pair = (Choice, Choice);

/// One level for each factor.
pub(crate) type Row = Vec<usize>;

/// Rows that were tried for one open pair before it is called impossible; the walk starts from accepted rows, and
/// each try moves a little further away from one.
const TRIES: usize = 200;

/// Rows that are grown for the same open pair; the one that covers most is kept.
const CANDIDATES: usize = 3;

/// What came out.
pub(crate) struct Cover {
    /// Accepted rows; every pair but the ones in `impossible` stands in one of them.
    pub(crate) rows: Vec<Row>,
    /// Pairs that stood in no row that was accepted.
    pub(crate) impossible: Vec<Pair>,
}

/// What to cover.
pub(crate) struct Model<'a> {
    /// Number of levels of each factor.
    pub(crate) sizes: Vec<usize>,
    /// Whether a pair says anything; a pair that does not is neither covered nor impossible.
    pub(crate) means_something: &'a dyn Fn(Pair) -> bool,
    /// Whether a row fits together.
    pub(crate) accepts: &'a dyn Fn(&[usize]) -> bool,
}

impl Model<'_> {
    /// All pairs that mean something, in a fixed order.
    pub(crate) fn pairs(&self) -> Vec<Pair> {
        let choices = |factor: usize| (0..self.sizes[factor]).map(move |level| (factor, level));
        let factors = 0..self.sizes.len();
        let two = factors.flat_map(|one| (one + 1..self.sizes.len()).map(move |other| (one, other)));
        let pairs = two.flat_map(|(one, other)| choices(one).flat_map(move |a| choices(other).map(move |b| (a, b))));
        pairs.filter(|pair| (self.means_something)(*pair)).collect()
    }

    /// Covers all pairs, from rows that are known to be accepted.
    pub(crate) fn cover(&self, known: &[Row], seed: u64) -> Cover {
        let mut search = Search {
            model: self,
            open: Open::new(&self.sizes, self.pairs()),
            rows: Vec::new(),
            known: known.to_vec(),
            random: Random(seed),
        };
        let mut impossible = Vec::new();
        for pair in self.pairs() {
            if !search.open.has(pair.0, pair.1) {
                continue;
            }
            if let Some(row) = search.grow(pair) {
                search.take(row);
            } else {
                search.open.close(pair);
                impossible.push(pair);
            }
        }
        Cover { rows: search.rows, impossible }
    }
}

/// The pairs of a row.
pub(crate) fn pairs_of(row: &[usize]) -> impl Iterator<Item = Pair> {
    let choices = row.iter().copied().enumerate();
    choices.clone().flat_map(move |one| choices.clone().filter(move |it| it.0 > one.0).map(move |it| (one, it)))
}

struct Search<'a> {
    model: &'a Model<'a>,
    open: Open,
    rows: Vec<Row>,
    /// Accepted rows to start from that are not part of the cover.
    known: Vec<Row>,
    random: Random,
}

impl Search<'_> {
    fn take(&mut self, row: Row) {
        for pair in pairs_of(&row) {
            self.open.close(pair);
        }
        self.rows.push(row);
    }

    /// An accepted row with this pair and as many open ones as can be had.
    fn grow(&mut self, pair: Pair) -> Option<Row> {
        let start = self.accepted_with(pair)?;
        let grown: Vec<Row> = (0..CANDIDATES).map(|_| self.improved(start.clone(), pair)).collect();
        grown.into_iter().max_by_key(|row| pairs_of(row).filter(|pair| self.open.has(pair.0, pair.1)).count())
    }

    fn accepted_with(&mut self, pair: Pair) -> Option<Row> {
        let mut starts: Vec<Row> = self.known.iter().chain(&self.rows).cloned().collect();
        self.random.shuffle(&mut starts);
        let direct = starts.iter().map(|row| with(row.clone(), pair)).find(|row| (self.model.accepts)(row));
        direct.or_else(|| (0..TRIES).find_map(|attempt| self.wander(&starts, pair, 1 + attempt % 6)))
    }

    /// One row some steps away from an accepted one.
    fn wander(&mut self, starts: &[Row], pair: Pair, steps: usize) -> Option<Row> {
        let mut row = starts[self.random.below(starts.len())].clone();
        for _ in 0..steps {
            let factor = self.random.below(row.len());
            row[factor] = self.random.below(self.model.sizes[factor]);
        }
        let row = with(row, pair);
        (self.model.accepts)(&row).then_some(row)
    }

    /// The row after each factor but those of `pair` got the accepted level that covers most.
    fn improved(&mut self, mut row: Row, pair: Pair) -> Row {
        let mut order: Vec<usize> = (0..row.len()).filter(|it| *it != pair.0.0 && *it != pair.1.0).collect();
        for _ in 0..2 {
            self.random.shuffle(&mut order);
            for factor in &order {
                self.improve(&mut row, *factor);
            }
        }
        row
    }

    fn improve(&mut self, row: &mut Row, factor: usize) {
        let before = row[factor];
        let least = self.gain(row, (factor, before));
        let levels = (0..self.model.sizes[factor]).map(|level| (self.gain(row, (factor, level)), level));
        let mut better: Vec<(usize, usize)> = levels.filter(|(gain, _)| *gain > least).collect();
        self.random.shuffle(&mut better);
        better.sort_by_key(|(gain, _)| std::cmp::Reverse(*gain));
        for (_, level) in better {
            row[factor] = level;
            if (self.model.accepts)(row) {
                return;
            }
        }
        row[factor] = before;
    }

    /// Open pairs that a level would cover beside the other levels of a row.
    fn gain(&self, row: &[usize], choice: Choice) -> usize {
        let others = row.iter().copied().enumerate().filter(|other| other.0 != choice.0);
        others.filter(|other| self.open.has(choice, *other)).count()
    }
}

/// The pairs that are still open, as a table of all levels by all levels: it is asked millions of times.
struct Open {
    /// Number of the first level of each factor.
    first: Vec<usize>,
    levels: usize,
    table: Vec<bool>,
}

impl Open {
    fn new(sizes: &[usize], pairs: Vec<Pair>) -> Self {
        let first = sizes.iter().scan(0, |next, size| Some(std::mem::replace(next, *next + size))).collect();
        let levels = sizes.iter().sum();
        let mut open = Self { first, levels, table: vec![false; levels * levels] };
        for pair in pairs {
            open.set(pair, true);
        }
        open
    }

    fn has(&self, one: Choice, other: Choice) -> bool {
        self.table[(self.first[one.0] + one.1) * self.levels + self.first[other.0] + other.1]
    }

    fn close(&mut self, pair: Pair) {
        self.set(pair, false);
    }

    fn set(&mut self, (one, other): Pair, value: bool) {
        let (one, other) = (self.first[one.0] + one.1, self.first[other.0] + other.1);
        self.table[one * self.levels + other] = value;
        self.table[other * self.levels + one] = value;
    }
}

fn with(mut row: Row, (one, other): Pair) -> Row {
    row[one.0] = one.1;
    row[other.0] = other.1;
    row
}

/// splitmix64: small, and the same numbers everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index + 1));
        }
    }
}

/// Small models, where trying every row says what is possible.
#[test]
fn every_possible_pair_is_covered_and_no_other_is_called_impossible() {
    for seed in 0..60 {
        let mut random = Random(seed);
        let sizes: Vec<usize> = (0..3 + random.below(4)).map(|_| 1 + random.below(4)).collect();
        // Two or three levels that do not fit together.
        let mut level = || (random.below(sizes.len()), random.below(2));
        let refused: Vec<Vec<Choice>> =
            (0..seed % 6).map(|count| (0..2 + count % 2).map(|_| level()).collect()).collect();
        let accepts = |row: &[usize]| !refused.iter().any(|levels| levels.iter().all(|(at, level)| row[*at] == *level));
        let every: Vec<Row> = product(&sizes).into_iter().filter(|row| accepts(row)).collect();
        let Some(known) = every.first() else { continue };
        let model = Model { sizes, means_something: &|_| true, accepts: &accepts };
        let cover = model.cover(std::slice::from_ref(known), seed);
        let possible: BTreeSet<Pair> = every.iter().flat_map(|row| pairs_of(row)).collect();
        let covered: BTreeSet<Pair> = cover.rows.iter().flat_map(|row| pairs_of(row)).collect();
        assert!(cover.rows.iter().all(|row| accepts(row)));
        assert_eq!(covered, possible, "seed {seed}");
        let impossible: BTreeSet<Pair> = model.pairs().into_iter().filter(|pair| !possible.contains(pair)).collect();
        assert_eq!(cover.impossible.into_iter().collect::<BTreeSet<_>>(), impossible, "seed {seed}");
    }
}

/// Every row of a model.
pub(crate) fn product(sizes: &[usize]) -> Vec<Row> {
    sizes.iter().fold(vec![Vec::new()], |rows, size| {
        let longer = |row: Row| (0..*size).map(move |level| [row.as_slice(), &[level]].concat());
        rows.into_iter().flat_map(longer).collect()
    })
}
