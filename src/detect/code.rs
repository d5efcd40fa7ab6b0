//! What the code itself says: ports, health routes and what it does on signals.

use super::fact::{Evidence, Fact};
use super::look::{App, Look};
use super::source::Source;

/// Routes that people give to health checks.
const ROUTES: [&str; 22] = [
    "/health",
    "/healthz",
    "/health/live",
    "/health/ready",
    "/health/liveness",
    "/health/readiness",
    "/livez",
    "/readyz",
    "/live",
    "/ready",
    "/liveness",
    "/readiness",
    "/ping",
    "/status",
    "/_health",
    "/_healthz",
    "/api/health",
    "/api/healthz",
    "/api/ping",
    "/api/status",
    "/up",
    "/heartbeat",
];

/// What takes a route as its first argument.
const ROUTERS: [&str; 10] =
    [".get(", ".all(", ".route(", ".use(", ".head(", ".on(", "@Get(", "@Controller(", "url:", "path:"];

/// Calls that see to signals by themselves.
const SHUTDOWNS: [&str; 8] = [
    "enableShutdownHooks",
    "closeWithGrace",
    "createTerminus",
    "createHttpTerminator",
    "gracefulShutdown",
    "exitHook",
    "asyncExitHook",
    "createLightship",
];

pub(crate) fn look(look: &mut Look<'_>, app: &App<'_>) {
    ports(look, app);
    let folder = app.folder();
    for source in &app.sources {
        for (route, evidence) in routes(source) {
            look.add(Fact::new("health-route", folder, route, evidence));
        }
        for (signal, evidence) in signals(source) {
            look.add(Fact::new("signal-handler", folder, signal, evidence));
        }
    }
}

fn ports(look: &mut Look<'_>, app: &App<'_>) {
    let folder = app.folder();
    let mut found: Vec<(u32, Evidence)> = app.sources.iter().flat_map(|source| ports_of(source)).collect();
    for script in ["start:prod", "start"] {
        if let Some((command, key)) = app.manifest.script(script)
            && let Some(port) = port_option(command)
        {
            found.push((port, look.tree.evidence(&key.place)));
        }
    }
    found.extend(super::deployment::ports(look, app));
    found.retain(|(port, _)| (1..=65535).contains(port));
    let mut numbers: Vec<u32> = found.iter().map(|(port, _)| *port).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for (port, evidence) in &found {
        let fact = Fact::new("port", folder, port.to_string(), evidence.clone());
        look.add(fact.answering("stack.port", port.to_string()));
    }
    if numbers.len() > 1 {
        let texts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        let message = format!("{} are all named as the port", crate::detect::listed(texts.iter().map(String::as_str)));
        let evidence = found.into_iter().map(|(_, evidence)| evidence).collect();
        look.contradict("port", folder, Some("stack.port"), message, evidence);
    } else if numbers.is_empty() {
        let reason =
            "no number is given to listen, to PORT or to EXPOSE; the framework's default, or the environment, decides";
        look.unknown("port", folder, Some("stack.port"), reason.to_owned());
    }
}

/// `-p 4000`, `--port=4000`, `PORT=4000`.
fn port_option(command: &str) -> Option<u32> {
    let words: Vec<&str> = command.split_whitespace().collect();
    words.iter().enumerate().find_map(|(index, word)| {
        if matches!(*word, "-p" | "--port") {
            return words.get(index + 1)?.parse().ok();
        }
        word.strip_prefix("--port=").or_else(|| word.strip_prefix("PORT="))?.parse().ok()
    })
}

fn ports_of(source: &Source) -> Vec<(u32, Evidence)> {
    let mut found = Vec::new();
    let mut add = |start: usize, number: Option<u32>, at: usize| {
        if let Some(number) = number.filter(|number| *number > 0) {
            let end = source.text[at..].find([',', ')', '}', ';', '\n']).map_or(source.text.len(), |end| at + end);
            found.push((number, source.evidence(start, &source.text[start..end])));
        }
    };
    for name in
        ["process.env.PORT", "env.PORT", "config.PORT", "Bun.env.PORT", "process.env['PORT']", "process.env[\"PORT\"]"]
    {
        for (start, _) in source.text.match_indices(name) {
            let before = source.text[..start].chars().next_back();
            if before.is_some_and(|c| super::source::is_word(c) || c == '.') {
                continue;
            }
            if let Some(at) = after_or(&source.text, start + name.len()) {
                add(start, source.number_at(at), at);
            }
        }
    }
    for start in source.words("listen(").chain(source.bare.match_indices(".listen(").map(|(at, _)| at + 1)) {
        let at = source.next(start + "listen(".len());
        add(start, source.number_at(at), at);
        if let Some(at) = object_port(source, at) {
            add(start, source.number_at(at), at);
        }
    }
    for call in ["serve(", ".server("] {
        for (start, _) in source.bare.match_indices(call) {
            if let Some(at) = object_port(source, source.next(start + call.len())) {
                add(start, source.number_at(at), at);
            }
        }
    }
    for name in ["const port =", "const PORT =", "let port =", "var port ="] {
        for (start, _) in source.bare.match_indices(name) {
            let at = source.next(start + name.len());
            add(start, source.number_at(at), at);
        }
    }
    for (start, _) in source.bare.match_indices("PORT:") {
        let rest = &source.bare[start..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        if let (true, Some(default)) = (line.contains("z."), line.find(".default(")) {
            let at = start + default + ".default(".len();
            add(start, source.number_at(at), at);
        }
    }
    found
}

/// Behind `|| `, `?? ` or `, `, brackets before them left out: where the other value stands.
fn after_or(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let bare = rest.trim_start_matches([')', ' ', '\n', '\t']);
    let skipped = rest.len() - bare.len();
    let sign = ["||", "??"].into_iter().find(|sign| bare.starts_with(sign))?;
    let after = at + skipped + sign.len();
    let blanks = text[after..].len() - text[after..].trim_start().len();
    Some(after + blanks)
}

/// Where the value of `port:` stands in an object that opens at a place.
fn object_port(source: &Source, at: usize) -> Option<usize> {
    let rest = source.bare.get(at..)?.strip_prefix('{')?;
    let object = &rest[..rest.find(')').unwrap_or(rest.len()).min(300)];
    let key = object.find("port:")?;
    if object[..key].ends_with(super::source::is_word) {
        return None;
    }
    Some(source.next(at + 1 + key + "port:".len()))
}

fn routes(source: &Source) -> Vec<(String, Evidence)> {
    let mut found = Vec::new();
    for router in ROUTERS {
        for (start, _) in source.bare.match_indices(router) {
            let at = source.next(start + router.len());
            let Some(text) = source.string_at(at) else { continue };
            let route = if text.starts_with('/') { text.to_owned() } else { format!("/{text}") };
            // A decorator leaves the slash out; a client's call has a whole URL.
            let is_route = text.starts_with('/') || router.starts_with('@');
            if is_route && ROUTES.contains(&route.as_str()) {
                found.push((route.clone(), source.evidence(start, &format!("{router}\"{text}\""))));
            }
        }
    }
    let file = source.path.trim_start_matches("src/");
    let in_next = ["app/", "pages/"].iter().find_map(|folder| file.split_once(folder).map(|(_, rest)| rest));
    if let Some(rest) = in_next {
        let route = rest.rsplit_once('.').map_or(rest, |(stem, _)| stem);
        let route = format!("/{}", route.trim_end_matches("/route"));
        if ROUTES.contains(&route.as_str()) && (rest.contains("/route.") || rest.starts_with("api/")) {
            found.push((route, Evidence::new(&source.path, None, "")));
        }
    }
    found
}

fn signals(source: &Source) -> Vec<(String, Evidence)> {
    let mut found = Vec::new();
    for call in ["process.on(", "process.once(", "process.addListener("] {
        for start in source.words(call) {
            let at = source.next(start + call.len());
            if let Some(signal) = source.string_at(at).filter(|name| name.starts_with("SIG")) {
                found.push((signal.to_owned(), source.evidence(start, &format!("{call}\"{signal}\""))));
            }
        }
    }
    for call in SHUTDOWNS {
        if let Some(start) = source.words(call).find(|at| source.bare[at + call.len()..].starts_with('(')) {
            found.push((call.to_owned(), source.evidence(start, call)));
        }
    }
    found
}
