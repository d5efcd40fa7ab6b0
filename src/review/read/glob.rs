//! Which paths a `.gitignore` or a `.dockerignore` leaves out.

/// Whether the last pattern that matches `path`, or a folder that it lies in, leaves it out.
///
/// `anchored` is how Docker reads patterns: from the root of the context. Git finds a pattern without `/` at any depth.
pub(crate) fn is_ignored(patterns: &str, path: &str, anchored: bool) -> bool {
    let mut ignored = false;
    let lines = patterns.lines().take(MOST_LINES).map(str::trim);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (pattern, is_exception) = line.strip_prefix('!').map_or((line, false), |rest| (rest.trim(), true));
        let rooted = anchored || pattern.trim_end_matches('/').contains('/');
        let pattern = pattern.trim_start_matches("./").trim_matches('/');
        if leaves_out(pattern, path, rooted) {
            ignored = !is_exception;
        }
    }
    ignored
}

fn leaves_out(pattern: &str, path: &str, rooted: bool) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    (1..=parts.len()).any(|end| {
        let starts = if rooted { 0..1 } else { 0..end };
        starts.into_iter().any(|start| matches_parts(&split(pattern), &parts[start..end]))
    })
}

/// Whether a pattern means exactly this path.
pub(crate) fn matches_path(pattern: &str, path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches_parts(&split(pattern), &parts)
}

fn split(pattern: &str) -> Vec<&str> {
    pattern.split('/').take(MOST_PARTS).collect()
}

/// Patterns of more parts match nothing that is asked for here.
const MOST_PARTS: usize = 8;
const MOST_LINES: usize = 2000;

fn matches_parts(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) if matches_parts(rest, path) => true,
        (Some((&"**", _)), Some((_, path))) => matches_parts(pattern, path),
        (Some((first, pattern)), Some((part, path))) => matches_part(first, part) && matches_parts(pattern, path),
        _ => false,
    }
}

/// `*` and `?` within one part of a path; the last `*` is tried again from one further on.
fn matches_part(pattern: &str, part: &str) -> bool {
    let (pattern, part): (Vec<char>, Vec<char>) = (pattern.chars().collect(), part.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut retry = None;
    while t < part.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == part[t] => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    (p, t) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    #[test]
    fn docker_reads_from_the_root() {
        for (patterns, path, expected) in [
            (".env", ".env", true),
            (".env*", ".env.local", true),
            (".env", "api/.env", false),
            ("**/.env", "api/.env", true),
            ("**/.env", ".env", true),
            ("*\n!src", ".env", true),
            ("*\n!src", "src", false),
            ("*.env", ".env", true),
            (".git/", ".git", true),
            ("/.git", ".git", true),
            ("# .git\n", ".git", false),
            (".env\n!.env", ".env", false),
            ("node_modules", "node_modules/a/index.js", true),
        ] {
            assert_eq!(is_ignored(patterns, path, true), expected, "{patterns:?} {path}");
        }
    }

    #[test]
    fn git_finds_names_at_any_depth() {
        for (patterns, path, expected) in [
            (".env", "api/.env", true),
            ("/.env", "api/.env", false),
            ("api/.env", "api/.env", true),
            ("*.local", ".env.local", true),
            (".env.*\n!.env.example", ".env.example", false),
            ("secrets/", "deploy/secrets/a.yaml", true),
        ] {
            assert_eq!(is_ignored(patterns, path, false), expected, "{patterns:?} {path}");
        }
    }
}
