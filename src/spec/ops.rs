//! The key `ops` of `[existing]`: where `src/ops` goes in code that was there before, and how it is written.

use super::existing::is_path;

/// What `ops` says, typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ops {
    /// Folder that it goes to, from the root of the repository.
    pub folder: String,
    /// Language and modules.
    pub style: Style,
    /// What it is called by.
    pub server: Server,
    /// Whether the schema of the environment is emitted, which needs zod 4.
    pub env: bool,
}

/// Language and modules of a repository's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// TypeScript whose imports name no extension.
    TypeScript,
    /// TypeScript whose imports name what is built: `./a.js`.
    TypeScriptJs,
    /// TypeScript whose imports name the file: `./a.ts`.
    TypeScriptTs,
    /// JavaScript modules in `.js`.
    Esm,
    /// JavaScript modules in `.mjs`.
    Mjs,
    /// `CommonJS` in `.js`.
    CommonJs,
    /// `CommonJS` in `.cjs`.
    Cjs,
}

/// What listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// A Fastify, which takes a plugin.
    Fastify,
    /// An Express, which takes middleware.
    Express,
    /// A Hono on Node.js, which takes routes.
    Hono,
    /// An application of Nest, which takes middleware.
    Nest,
    /// A server of `node:http`.
    Http,
}

/// All styles by their values.
pub const STYLES: [(&str, Style); 7] = [
    ("typescript", Style::TypeScript),
    ("typescript-js", Style::TypeScriptJs),
    ("typescript-ts", Style::TypeScriptTs),
    ("esm", Style::Esm),
    ("mjs", Style::Mjs),
    ("commonjs", Style::CommonJs),
    ("cjs", Style::Cjs),
];

/// All servers by their values.
pub const SERVERS: [(&str, Server); 5] = [
    ("fastify", Server::Fastify),
    ("express", Server::Express),
    ("hono", Server::Hono),
    ("nest", Server::Nest),
    ("http", Server::Http),
];

impl Style {
    /// Whether it is TypeScript.
    #[must_use]
    pub fn is_typed(self) -> bool {
        matches!(self, Self::TypeScript | Self::TypeScriptJs | Self::TypeScriptTs)
    }

    /// Whether modules are `CommonJS` as they are written.
    #[must_use]
    pub fn is_commonjs(self) -> bool {
        matches!(self, Self::CommonJs | Self::Cjs)
    }

    /// What names of files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::TypeScript | Self::TypeScriptJs | Self::TypeScriptTs => ".ts",
            Self::Esm | Self::CommonJs => ".js",
            Self::Mjs => ".mjs",
            Self::Cjs => ".cjs",
        }
    }

    /// What imports of files end with.
    #[must_use]
    pub fn imports(self) -> &'static str {
        match self {
            Self::TypeScript => "",
            Self::TypeScriptJs => ".js",
            other => other.extension(),
        }
    }
}

impl Ops {
    /// Reads the entries of the key, `PART=VALUE`; none of it without entries.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(entries: &[String]) -> Result<Option<Self>, String> {
        if entries.is_empty() {
            return Ok(None);
        }
        for entry in entries {
            let is_part = |part: &str| entry.split_once('=').is_some_and(|(name, _)| name == part);
            if !["folder", "style", "server", "env"].iter().any(|part| is_part(part)) {
                return Err(format!("{entry:?} is no part; expected folder=, style=, server= or env="));
            }
        }
        let part = |name: &str| entries.iter().find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='));
        let folder = part("folder").filter(|it| is_path(it)).ok_or("expected folder=PATH, a path in the repository")?;
        let style = named(&STYLES, part("style")).ok_or_else(|| expected("style", &STYLES))?;
        let server = named(&SERVERS, part("server")).ok_or_else(|| expected("server", &SERVERS))?;
        if server == Server::Nest && !style.is_typed() {
            return Err("server=nest needs a style of TypeScript".to_owned());
        }
        let env = match part("env") {
            None => false,
            Some("zod") => true,
            Some(_) => return Err("expected env=zod, or no env=".to_owned()),
        };
        Ok(Some(Self { folder: folder.to_owned(), style, server, env }))
    }

    /// As the answers file says it.
    #[must_use]
    pub fn entries(&self) -> Vec<String> {
        let mut entries = vec![
            format!("folder={}", self.folder),
            format!("style={}", name(&STYLES, self.style)),
            format!("server={}", name(&SERVERS, self.server)),
        ];
        entries.extend(self.env.then(|| "env=zod".to_owned()));
        entries
    }
}

fn named<T: Copy>(table: &[(&str, T)], wanted: Option<&str>) -> Option<T> {
    table.iter().find(|(name, _)| Some(*name) == wanted).map(|(_, value)| *value)
}

/// The value of the table that stands for `wanted`.
pub(crate) fn name<T: PartialEq + Copy>(table: &[(&'static str, T)], wanted: T) -> &'static str {
    table.iter().find(|(_, value)| *value == wanted).map_or("", |(name, _)| name)
}

fn expected<T>(part: &str, table: &[(&str, T)]) -> String {
    let names: Vec<&str> = table.iter().map(|(name, _)| *name).collect();
    format!("expected {part}= with one of {}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<Ops>, String> {
        Ops::parse(&text.split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(parse(""), Ok(None));
        for (style, _) in STYLES {
            for (server, _) in SERVERS {
                let text = format!("folder=src/ops style={style} server={server} env=zod");
                let Ok(Some(ops)) = parse(&text) else {
                    assert!(server == "nest" && !style.starts_with("typescript"), "{text}");
                    continue;
                };
                assert_eq!(ops.entries().join(" "), text);
            }
        }
    }

    #[test]
    fn what_could_not_be_emitted_is_refused() {
        for text in [
            "folder=src/ops style=esm",
            "folder=src/ops server=http",
            "style=esm server=http",
            "folder=../ops style=esm server=http",
            "folder=src/ops style=esm server=koa",
            "folder=src/ops style=esm server=http env=joi",
            "folder=src/ops style=esm server=http port=1",
            "folder=src/ops style=esm server=http ops",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
