//! What a piece of YAML means, apart from how it is written.

/// A value as a reader of the file gets it. Aliases stay aliases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sem {
    /// `plain` tells `8080` from `"8080"`.
    Scalar {
        text: String,
        plain: bool,
        props: String,
    },
    /// With its name, as in `*app`.
    Alias(String),
    Sequence {
        items: Vec<Sem>,
        props: String,
    },
    Mapping {
        entries: Vec<(Sem, Sem)>,
        props: String,
    },
    /// Text that was merged line by line: whatever comes out of it.
    Merged,
}

impl Sem {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The value under a key of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Mapping { entries, .. } => {
                entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Its anchor and tag.
    pub(super) fn props(&self) -> String {
        match self {
            Self::Scalar { props, .. } | Self::Sequence { props, .. } | Self::Mapping { props, .. } => props.clone(),
            Self::Alias(_) | Self::Merged => String::new(),
        }
    }

    /// The text at the end of a path of keys.
    pub(super) fn text_at(&self, path: &[&str]) -> Option<&str> {
        path.iter().try_fold(self, |value, key| value.get(key))?.text()
    }

    /// Whether some mapping in it has a key twice.
    pub(super) fn has_twin_keys(&self) -> bool {
        match self {
            Self::Scalar { .. } | Self::Alias(_) | Self::Merged => false,
            Self::Sequence { items, .. } => items.iter().any(Self::has_twin_keys),
            Self::Mapping { entries, .. } => {
                let twin = |at: usize| entries[..at].iter().any(|(key, _)| *key == entries[at].0);
                (0..entries.len()).any(|at| twin(at) || entries[at].0.has_twin_keys() || entries[at].1.has_twin_keys())
            }
        }
    }

    /// Whether `found` is what this expects.
    pub(super) fn allows(&self, found: &Self) -> bool {
        match (self, found) {
            (Self::Merged, Self::Scalar { .. }) => true,
            (Self::Sequence { items, props }, Self::Sequence { items: others, props: other_props }) => {
                props == other_props && all(items, others, Self::allows)
            }
            (Self::Mapping { entries, props }, Self::Mapping { entries: others, props: other_props }) => {
                let pair = |a: &(Self, Self), b: &(Self, Self)| a.0.allows(&b.0) && a.1.allows(&b.1);
                props == other_props && all(entries, others, pair)
            }
            _ => self == found,
        }
    }
}

fn all<T>(a: &[T], b: &[T], same: impl Fn(&T, &T) -> bool) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}
