//! Amounts as the formats write them. `None` is an amount that the format would refuse.

/// Bytes of a Kubernetes memory quantity: `512Mi`, `1Gi`, `1000000`, `1e9`.
pub(crate) fn kubernetes_bytes(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 13] = [
        ("Ki", 1024.0),
        ("Mi", 1024.0 * 1024.0),
        ("Gi", 1024.0 * 1024.0 * 1024.0),
        ("Ti", 1024.0 * 1024.0 * 1024.0 * 1024.0),
        ("Pi", 1024.0 * 1024.0 * 1024.0 * 1024.0 * 1024.0),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("P", 1e15),
        ("E", 1e18),
        ("", 1.0),
    ];
    with_unit(text, &UNITS)
}

/// Cores of a Kubernetes CPU quantity: `500m`, `2`, `0.5`.
pub(crate) fn kubernetes_cores(text: &str) -> Option<f64> {
    with_unit(text, &[("m", 1e-3), ("k", 1e3), ("", 1.0)])
}

/// Bytes of a Compose size: `512m`, `1gb`, `1024`. Its units count in 1024 and ignore case.
pub(crate) fn compose_bytes(text: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 11] = [
        ("kb", 1024.0),
        ("mb", 1024.0 * 1024.0),
        ("gb", 1024.0 * 1024.0 * 1024.0),
        ("kib", 1024.0),
        ("mib", 1024.0 * 1024.0),
        ("gib", 1024.0 * 1024.0 * 1024.0),
        ("k", 1024.0),
        ("m", 1024.0 * 1024.0),
        ("g", 1024.0 * 1024.0 * 1024.0),
        ("b", 1.0),
        ("", 1.0),
    ];
    with_unit(&text.to_lowercase(), &UNITS)
}

/// Cores of a Compose `cpus`.
pub(crate) fn compose_cores(text: &str) -> Option<f64> {
    with_unit(text, &[("", 1.0)])
}

/// Seconds of a duration: `30s`, `1m30s`, `500ms`. A bare number has no unit and is refused.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        total += amount
            * match &rest[..unit] {
                "ms" => 1e-3,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(total)
}

fn with_unit(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    units.iter().find_map(|(unit, factor)| {
        let number = text.strip_suffix(unit)?;
        let starts_right = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        let amount: f64 = number.parse().ok().filter(|_| starts_right)?;
        Some(amount * factor)
    })
}
