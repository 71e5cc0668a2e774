//! What evidence says, and what is none.

use std::path::Path;

use standards_core::rules::Bilingual;

use super::tested::{Outcome, junit, printed, tells};
use super::{Asked, Said, gather, variables};
use crate::conformance::profile::Profile;

const PROFILE: &str = "schema = 1\n[layers]\norder = [\"models\", \"services\", \"api\"]\ndeny = { api = [\"sqlx\"], models = [\"axum\"] }\n\
                       [[critical]]\noperation = \"POST /pagos\"\ntests = [\"pagos::\"]";

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn told(named: &[String]) -> Result<Vec<Said>, Bilingual> {
    gather(named, &Profile::parse(PROFILE, |_| None).unwrap())
}

/// What a file of a kind says.
fn said(kind: &str, text: &str) -> Result<Vec<Said>, Bilingual> {
    let folder = folder(&[("evidence", text)]);
    told(&[format!("{kind}={}", folder.path().join("evidence").display())])
}

fn holds(kind: &str, text: &str) -> bool {
    said(kind, text).unwrap()[0].wrong.is_empty()
}

#[test]
fn coverage_is_that_of_all_files_together() {
    let good = said("lcov", "SF:a\nLF:90\nLH:80\nend_of_record\nSF:b\nLF:10\nLH:0\n").unwrap();
    assert_eq!((good[0].wrong.len(), good[0].reason.en.as_str()), (0, "coverage 80.0 % (80/100)"));
    assert!(!holds("lcov", "LF:1000\nLH:799"));
    assert!(holds(
        "cobertura",
        "<?xml version=\"1.0\"?><coverage line-rate=\"0.8\" lines-valid=\"10\" lines-covered=\"8\"><packages/></coverage>"
    ));
    assert!(!holds("cobertura", "<coverage lines-covered='7' lines-valid='10'></coverage>"));
}

#[test]
fn clippy_must_have_finished() {
    let end = "{\"reason\":\"build-finished\",\"success\":true}";
    assert!(holds("clippy", end));
    let long =
        "{\"reason\":\"compiler-message\",\"message\":{\"code\":{\"code\":\"clippy::too_many_lines\"},\"rendered\":\"x\"}}";
    assert!(!holds("clippy", &format!("{long}\n{end}")));
}

#[test]
fn a_critical_operation_has_a_test_that_passes_and_tells() {
    let case = |name: &str, inside: &str| {
        format!(
            "<testsuites><testsuite><testcase classname=\"pagos\" name=\"{name}\">{inside}</testcase></testsuite></testsuites>"
        )
    };
    assert!(holds("junit", &case("un_pago_sin_saldo_se_rechaza", "<system-out><![CDATA[<failure>]]></system-out>")));
    for (name, inside) in [("un_pago_sin_saldo", "<failure message='a>b'/>"), ("un_pago_sin_saldo", "<skipped/>"), ("test_1", "")]
    {
        assert!(!holds("junit", &case(name, inside)), "{name} {inside}");
    }
    assert!(holds("tests", "running 1 test\ntest http::pagos::un_pago_sin_saldo - should panic ... ok\ntest result: ok."));
    assert!(!holds("tests", "test pagos::un_pago_sin_saldo ... FAILED\ntest result: FAILED."));
    assert!(!holds("tests", "test clientes::un_pago_sin_saldo ... ok\ntest result: ok."));
    let ran = junit("<a><testcase name='x'/><failure/><testcase name='y &amp; z'><error/></testcase></a>").unwrap();
    assert_eq!((ran[0].outcome, ran[1].outcome, ran[1].name.as_str()), (Outcome::Passed, Outcome::Failed, "::y & z"));
    assert_eq!(printed("test a ... ignored\ntest result: ok").unwrap()[0].outcome, Outcome::Skipped);
}

#[test]
fn a_name_tells_where_it_has_three_words() {
    for (name, wanted) in
        [("a::un_pago_se_rechaza", true), ("t.PagoTest.rechazaUnPagoSinSaldo", true), ("a_b_c::test_1", false), ("", false)]
    {
        assert_eq!(tells(name), wanted, "{name}");
    }
}

#[test]
fn sources_import_downwards_alone() {
    let good = [
        ("models/pago.rs", "struct Pago;"),
        ("services.rs", "use crate::models::pago;"),
        ("api/pagos.rs", "use crate::{services, models};"),
        ("main.rs", "use sqlx::x;"),
    ];
    let judged = |more: &[(&str, &str)]| {
        let folder = folder(&[&good[..], more].concat());
        told(&[format!("sources={}", folder.path().display())])
    };
    assert_eq!(judged(&[]).unwrap()[0].wrong, Vec::<String>::new());
    assert_eq!(judged(&[("services/x.rs", "\nuse crate::api::pagos;")]).unwrap()[0].wrong, ["services/x.rs:2: services → api"]);
    assert_eq!(judged(&[("api/x.rs", "use sqlx::query;")]).unwrap()[0].wrong, ["api/x.rs:1: api → sqlx"]);
    assert_eq!(judged(&[("services/x.py", "from api import y")]).unwrap()[0].wrong, ["services/x.py:1: services → api"]);
    assert_eq!(
        judged(&[("models/tests.rs", "use crate::api;"), ("models/tests/x.rs", "use crate::api;")]).unwrap()[0].wrong,
        Vec::<String>::new()
    );
    assert!(judged(&[("api/x.rs", "\u{0}")]).is_ok());
}

#[test]
fn a_layer_without_files_is_no_layer() {
    let folder = folder(&[("models.rs", ""), ("api.rs", "")]);
    let named = format!("sources={}", folder.path().display());
    assert!(told(std::slice::from_ref(&named)).unwrap_err().en.contains("services"));
    assert!(told(&["sources=/no/hay".to_owned()]).is_err());
    assert!(gather(&[named], &Profile::default()).unwrap_err().en.contains("[layers]"));
}

#[test]
fn sources_are_bounded_and_links_are_not_followed() {
    let folder = folder(&[("models.rs", ""), ("services.rs", ""), ("api/a.rs", "")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("api/again")).unwrap();
    let named = [format!("sources={}", folder.path().display())];
    assert!(told(&named).is_ok());
    std::fs::write(folder.path().join("api/big.rs"), vec![b' '; (16 << 20) + 1]).unwrap();
    assert!(told(&named).is_err());
    std::fs::write(folder.path().join("api/big.rs"), [0xff, 0xfe]).unwrap();
    assert!(told(&named).is_err());
}

#[test]
fn every_variable_that_is_read_stands_in_the_example() {
    let folder = folder(&[
        ("read", "| variable | d |\n|---|---|\n| `HOST` | x |\n| `PORT` | y |"),
        ("example", "# El host\n# HOST=1\nPORT=2\nMORE=\n"),
        ("short", "HOST=1"),
    ]);
    let at = |kind: &str, name: &str| format!("{kind}={}", folder.path().join(name).display());
    assert!(told(&[at("variables", "read"), at("env-example", "example")]).unwrap()[0].wrong.is_empty());
    assert_eq!(told(&[at("variables", "read"), at("env-example", "short")]).unwrap()[0].wrong, ["PORT"]);
    assert!(told(&[at("variables", "read")]).unwrap_err().en.contains("together"));
}

#[test]
fn a_line_names_a_variable_in_several_forms() {
    for (line, name) in [
        ("export A=1", Some("A")),
        ("# A", None),
        ("A", Some("A")),
        ("a=1", None),
        ("| `A_1` |", Some("A_1")),
        ("|---|", None),
        ("=", None),
        ("1A=", None),
    ] {
        assert_eq!(variables::name(line), name, "{line}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_is_no_evidence_is_refused() {
    let long = format!("<a {}", "x".repeat(1 << 20));
    for (kind, text) in [
        ("lcov", "TN:"),
        ("lcov", "LF:1\nLH:2"),
        ("cobertura", "<coverage lines-valid='0' lines-covered='0'/>"),
        ("cobertura", "<coverage lines-valid='x' lines-covered='1'/>"),
        ("cobertura", "<other/>"),
        ("clippy", "warning: x"),
        ("junit", ""),
        ("junit", "no es XML"),
        ("junit", "<testsuite>"),
        ("junit", "<testsuite/></testsuite>"),
        ("junit", "<!DOCTYPE a [<!ENTITY b \"c\">]><testcase name='&b;'/>"),
        ("junit", "<testcase classname='x'/>"),
        ("junit", "<!-- "),
        ("junit", &long),
        ("tests", "test a ... ok"),
        ("tests", "test result: ok"),
        ("otro", ""),
        ("variables", "nada"),
        ("review", "[[review]]\nrule = \"API-01\"\nby = \"a\"\ndate = 2026-01-01\nholds = true\ndetail = \"x\""),
        ("review", "[[review]]\nrule = \"ARQ-01\"\nby = \"\"\ndate = 2026-01-01\nholds = true\ndetail = \"x\""),
        ("review", "[[review]]\nrule = \"ARQ-01\""),
    ] {
        assert!(said(kind, text).is_err(), "{kind}: {text:.80}");
    }
    assert!(told(&["lcov".to_owned()]).is_err() && !Path::new("").exists());
    assert!(gather(&[], &Profile::default()).unwrap().is_empty());
}

#[tokio::test]
async fn a_command_says_by_its_status_whether_a_rule_is_kept() {
    for (command, wrong) in
        [("echo al día; exit 0", None), ("echo pendiente; exit 3", Some("3: pendiente")), ("kill -9 $$", Some("—: "))]
    {
        let said = Asked::parse(&format!("db-02={command}")).unwrap().run(&std::collections::BTreeMap::new()).await;
        assert_eq!(said.wrong.first().map(String::as_str), wrong, "{command}");
        assert_eq!(said.rule, "DB-02");
    }
    for text in ["DB-02", "DB-02= ", "API-01=true", "NADA=true", "=true"] {
        assert!(Asked::parse(text).is_err(), "{text}");
    }
}
