//! What a profile may say.

use serde_json::{Value, json};
use standards_core::rules::Bilingual;

use super::{Captured, Profile};

fn parse(text: &str) -> Result<Profile, Bilingual> {
    Profile::parse(text, |name| (name == "TOKEN").then(|| "abc".to_owned()))
}

#[test]
fn a_variable_of_the_environment_is_filled_in() {
    let profile = parse("schema = 1\n[auth]\ntoken = \"${TOKEN}\"\n[fault]\npath = \"${NADA:-}\"").unwrap();
    assert_eq!(profile.auth.unwrap().token, "abc");
    assert!(profile.fault.is_none());
}

#[test]
fn a_variable_that_is_not_set_is_named() {
    let problem = parse("schema = 1\nname = \"${OTRA}\"").unwrap_err();
    assert_eq!(problem.en, "The profile wants the variable OTRA, which is not set");
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_not_known_is_refused_by_name() {
    for (text, named) in [
        ("schema = 1\nnombre = \"x\"", "nombre"),
        ("schema = 1\n[service]\nbasis = \"/\"", "basis"),
        ("schema = 2", "schema"),
        ("", "schema"),
        ("schema = ", "TOML"),
        ("schema = 1\n[[setup]]\nmethod = \"GET\"\npath = \"x\"", "path: x"),
        ("schema = 1\n[fault]\npath = \"/x\"\nalso = [\"y\"]", "path: y"),
        ("schema = 1\n[spawn]\nenv = { \"A=B\" = \"x\" }", "env: A=B"),
        ("schema = 1\n[spawn]\nenv = { \"\" = \"x\" }", "env"),
        ("schema = 1\n[spawn]\nenv = { A = \"\\u0000\" }", "env: A"),
        ("schema = 1\n[config]\nmissing = \"A\"\nenv = { \"9\" = \"x\" }", "env: 9"),
        ("schema = 1\n[layers]\norder = [\"a\"]", "layers: order"),
        ("schema = 1\n[layers]\norder = [\"a\", \"b\", \"a\"]", "layers: a"),
        ("schema = 1\n[layers]\norder = [\"a\", \"b/c\"]", "layers: b/c"),
        ("schema = 1\n[layers]\norder = [\"a\", \"b\"]\ndeny = { c = [] }", "layers: c"),
        ("schema = 1\n[layers]\norder = [\"a\", \"b\"]\ndeny = { a = [\"(x\"] }", "layers: (x"),
        ("schema = 1\n[[critical]]\noperation = \"POST /a\"\ntests = []", "critical: POST /a"),
        ("schema = 1\n[[dependency]]\nvariable = \"A=\"\nkind = \"cache\"", "dependency: A="),
        ("schema = 1\n[[dependency]]\nvariable = \"A\"\nkind = \"service\"", "dependency: A: variable, request"),
        ("schema = 1\n[[dependency]]\nvariable = \"A\"\nkind = \"disco\"", "disco"),
        ("schema = 1\n[[dependency]]\nvariable = \"A\"\nkind = \"cache\"\nstatus = 99", "dependency: A"),
        ("schema = 1\n[auth]\ntoken = \"${TOKEN\"", "${"),
    ] {
        let problem = parse(text).unwrap_err();
        assert!(problem.en.contains(named), "{text}: {}", problem.en);
    }
}

#[test]
fn what_was_captured_keeps_its_type_where_it_stands_alone() {
    let mut captured = Captured::new("5a");
    captured.keep("cliente", json!(7));
    let filled = captured.fill(&json!({"id": "{cliente}", "email": "a{cliente}@{run}.cl", "otro": "{nadie}"}));
    assert_eq!(filled, json!({"id": 7, "email": "a7@5a.cl", "otro": "{nadie}"}));
    assert_eq!(captured.fill(&Value::Null), Value::Null);
    assert!(captured.knows("/c/{cliente}") && !captured.knows("/c/{nadie}"));
}
