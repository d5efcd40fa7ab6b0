//! The word that somebody most likely meant, for the end of an error message.

/// The entry of `candidates` that the user most likely meant, if one is close enough.
#[must_use]
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_close_or_none() {
        assert_eq!(nearest("postgress", ["none", "postgres"]), Some("postgres"));
        assert_eq!(nearest("zzz", ["none", "postgres"]), None);
    }
}
