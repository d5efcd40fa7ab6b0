//! JSON as a tree that prints back byte for byte: what stands between the values is kept as text.

/// What a value means. Numbers, `true`, `false` and `null` are the word that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sem {
    Word(String),
    Text(String),
    List(Vec<Sem>),
    Object(Vec<(String, Sem)>),
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A string, a number or a word, as it is written.
    Scalar {
        text: String,
        sem: Sem,
    },
    Container(Container),
}

/// An object or an array.
#[derive(Clone, Debug)]
pub(super) struct Container {
    pub(super) is_object: bool,
    /// What follows the opening bracket in its line, where the first entry has a line of its own.
    pub(super) opening: String,
    pub(super) items: Vec<Item>,
    /// What stands before the closing bracket.
    pub(super) tail: String,
    /// Whether a comma follows the last entry.
    pub(super) trailing_comma: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Item {
    Entry(Box<Entry>),
    Conflict(Box<Conflict>),
}

/// A property of an object, or an element of an array.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Blanks and comments before it, from the end of the line of what comes before.
    pub(super) lead: String,
    /// The name of a property.
    pub(super) name: Option<String>,
    /// The name as it is written, and all up to the value.
    pub(super) key: String,
    pub(super) value: Value,
    /// What stands between the value and its comma.
    pub(super) before_comma: String,
    /// What follows the comma, or the last value, in its line.
    pub(super) trail: String,
}

/// An entry that the sides cannot agree on.
#[derive(Clone, Debug)]
pub(super) struct Conflict {
    pub(super) lead: String,
    pub(super) base: Option<Entry>,
    pub(super) yours: Option<Entry>,
    pub(super) theirs: Option<Entry>,
}

impl Value {
    /// What it means, each conflict settled for one side.
    pub(super) fn sem(&self, side: Side) -> Sem {
        let container = match self {
            Self::Scalar { sem, .. } => return sem.clone(),
            Self::Container(container) => container,
        };
        let entries = container.items.iter().filter_map(|item| item.entry(side));
        if container.is_object {
            Sem::Object(entries.filter_map(|entry| Some((entry.name.clone()?, entry.value.sem(side)))).collect())
        } else {
            Sem::List(entries.map(|entry| entry.value.sem(side)).collect())
        }
    }

    /// Whether both mean the same and have the same comments.
    pub(super) fn same(&self, other: &Self) -> bool {
        let comments = |value: &Self| {
            let mut comments = Vec::new();
            value.comments(&mut comments);
            comments
        };
        self.sem(Side::Yours) == other.sem(Side::Yours) && comments(self) == comments(other)
    }

    fn comments(&self, into: &mut Vec<String>) {
        if let Self::Container(container) = self {
            into.extend(comments(&container.opening));
            container.items.iter().filter_map(|item| item.entry(Side::Yours)).for_each(|entry| entry.comments(into));
            into.extend(comments(&container.tail));
        }
    }

    /// How many conflicts it has.
    pub(super) fn conflicts(&self) -> usize {
        let of_item = |item: &Item| match item {
            Item::Entry(entry) => entry.value.conflicts(),
            Item::Conflict(_) => 1,
        };
        match self {
            Self::Scalar { .. } => 0,
            Self::Container(container) => container.items.iter().map(of_item).sum(),
        }
    }
}

/// Which side of a conflict counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Yours,
    Theirs,
}

impl Item {
    pub(super) fn entry(&self, side: Side) -> Option<&Entry> {
        match (self, side) {
            (Self::Entry(entry), _) => Some(entry),
            (Self::Conflict(conflict), Side::Yours) => conflict.yours.as_ref(),
            (Self::Conflict(conflict), Side::Theirs) => conflict.theirs.as_ref(),
        }
    }
}

impl Entry {
    fn comments(&self, into: &mut Vec<String>) {
        into.extend(comments(&self.lead));
        self.value.comments(into);
        into.extend(comments(&self.before_comma).into_iter().chain(comments(&self.trail)));
    }

    /// Whether both mean the same and have the same comments, also above.
    pub(super) fn same(&self, other: &Self) -> bool {
        let outer = |entry: &Self| [&entry.lead, &entry.before_comma, &entry.trail].map(|text| comments(text));
        self.value.same(&other.value) && outer(self) == outer(other)
    }
}

impl Container {
    /// The entries of a tree that was read from a text, which has no conflicts.
    pub(super) fn entries(&self) -> Vec<&Entry> {
        self.items.iter().filter_map(|item| item.entry(Side::Yours)).collect()
    }
}

/// The lines of comments in what stands between two values, without their indentation.
pub(super) fn comments(between: &str) -> Vec<String> {
    between.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}
