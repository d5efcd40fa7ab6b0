//! Random edits as people and templates make them, from a seed.

/// `SplitMix64` (Steele, Lea, Flood 2014): small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 for an `end` of 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }
}

/// A text with `count` edits of one side. Every line that is added holds `word` and a number of its own.
pub(crate) fn edited(text: &str, count: usize, word: &str, random: &mut Random) -> (String, Vec<String>) {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut added = Vec::new();
    for number in 0..count {
        let token = format!("{word}{number}x{}", random.below(1_000_000));
        edit(&mut lines, &token, random);
        added.push(token);
    }
    let newline = if text.ends_with('\n') { "\n" } else { "" };
    let text = format!("{}{newline}", lines.join("\n"));
    added.retain(|token| text.contains(token.as_str()));
    (text, added)
}

fn edit(lines: &mut Vec<String>, token: &str, random: &mut Random) {
    let at = random.below(lines.len() + 1);
    let like = lines.get(at).or(lines.last()).cloned().unwrap_or_default();
    let indent = &like[..like.len() - like.trim_start().len()];
    match random.below(8) {
        // A comment, a key, an item: what fits in depends on the file, and what does not is an edit too.
        0 | 1 => lines.insert(at, format!("{indent}# {token}")),
        2 => lines.insert(at, format!("{indent}{token}: 1")),
        3 => lines.insert(at, format!("{indent}- {token}")),
        4 if at < lines.len() => lines[at] = format!("{like} {token}"),
        5 if at < lines.len() => {
            let end = (at + 1 + random.below(4)).min(lines.len());
            lines.splice(at..end, [format!("{indent}{token}")]);
        }
        6 if at < lines.len() => {
            let end = (at + 1 + random.below(3)).min(lines.len());
            let moved: Vec<String> = lines.drain(at..end).collect();
            let to = random.below(lines.len() + 1);
            lines.splice(to..to, moved);
        }
        7 if at < lines.len() => {
            let end = (at + 1 + random.below(3)).min(lines.len());
            lines.drain(at..end);
        }
        _ => lines.push(format!("{indent}{token}")),
    }
}
