//! A `seaworthy.toml` that is there before `new` runs.

use anyhow::Result;

use super::sandbox::Sandbox;

/// Blanks, comments, quotes and order as a person would leave them.
const BY_HAND: &str = "# ours\nschema   = 1\n\n\n[scale]   # from the load test\npeak-rps = 0x64\n\n[project]\n\
                       name = 'orders'\n[[env]]\nname = \"STRIPE_KEY\"\nkind = 'secret'\n";

#[test]
fn it_is_kept_byte_for_byte() -> Result<()> {
    for text in [BY_HAND.to_owned(), BY_HAND.replace('\n', "\r\n"), format!("\u{feff}{BY_HAND}")] {
        let sandbox = Sandbox::new()?;
        sandbox.write("orders/seaworthy.toml", &text)?;
        sandbox.succeed(&["new", "orders", "-y", "--no-install"])?;
        assert_eq!(sandbox.read("orders/seaworthy.toml")?, text);
        assert!(sandbox.read("orders/.env.example")?.contains("STRIPE_KEY="));
    }
    Ok(())
}

#[test]
fn what_new_writes_gives_the_same_plan_again() -> Result<()> {
    let sandbox = Sandbox::new()?;
    let answers = ["--set", "scale.peak-rps=120", "--set", "project.description=A \"quoted\" \\ text"];
    let at_first = sandbox.json(&[&["plan", "orders", "--preset", "api", "--json"], &answers[..]].concat())?;
    sandbox.succeed(&[&["new", "orders", "--preset", "api", "-y", "--no-install"], &answers[..]].concat())?;
    let from_the_file = sandbox.json(&["plan", "orders", "--json"])?;
    assert_eq!(without_origins(at_first), without_origins(from_the_file));
    Ok(())
}

/// Where an answer came from is what differs.
fn without_origins(mut plan: serde_json::Value) -> serde_json::Value {
    let Some(answers) = plan["answers"].as_object_mut() else { return plan };
    for answer in answers.values_mut() {
        answer["origin"].take();
    }
    if let Some(decisions) = plan["decisions"].as_array_mut() {
        let inputs = decisions.iter_mut().filter_map(|decision| decision["inputs"].as_array_mut());
        inputs.flatten().for_each(|input| drop(input["origin"].take()));
    }
    plan
}
