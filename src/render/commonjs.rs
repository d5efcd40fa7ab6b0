//! JavaScript modules as `CommonJS`. Reads only what our own templates write: an import or an export starts its line.

/// The same code with `require` and `exports`.
pub(super) fn of(module: &str) -> String {
    let mut exports = Vec::new();
    let mut out = String::from("\"use strict\";\n\n");
    for line in module.lines() {
        out.push_str(&required(line).unwrap_or_else(|| exported(line, &mut exports)));
        out.push('\n');
    }
    if !exports.is_empty() {
        // One by one: so the compiler knows classes as types too.
        out.push('\n');
        for name in exports {
            out.push_str(&format!("exports.{name} = {name};\n"));
        }
    }
    out
}

/// `import NAMES from "x";` as a constant.
fn required(line: &str) -> Option<String> {
    let (names, from) = line.strip_prefix("import ")?.strip_suffix(';')?.split_once(" from ")?;
    // Names that are given anew: `{ a as b }`.
    let names = names.strip_prefix("* as ").map_or_else(|| names.replace(" as ", ": "), ToOwned::to_owned);
    Some(format!("const {names} = require({from});"))
}

/// A line without `export`, whose name is kept.
fn exported<'a>(line: &'a str, exports: &mut Vec<&'a str>) -> String {
    let Some(declared) = line.strip_prefix("export ") else { return line.to_owned() };
    let kinds = ["async function ", "function ", "class ", "const "];
    let named = kinds.iter().find_map(|kind| declared.strip_prefix(kind)).unwrap_or(declared);
    let end = named.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(named.len());
    exports.push(&named[..end]);
    declared.to_owned()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn imports_and_exports_change_and_nothing_else_does() {
        let module = "import { a as b, c } from \"x\";\nimport * as z from \"zod\";\n\nexport async function f() {\n  return b;\n}\nexport class C {}\nexport const d = 1;\n";
        let expected = "\"use strict\";\n\nconst { a: b, c } = require(\"x\");\nconst z = require(\"zod\");\n\nasync function f() {\n  return b;\n}\nclass C {}\nconst d = 1;\n\nexports.f = f;\nexports.C = C;\nexports.d = d;\n";
        assert_eq!(of(module), expected);
    }
}
