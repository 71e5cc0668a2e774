//! What a check came to.

use std::fmt;

use crate::conformance::model::Status;
use crate::conformance::report::{Kind, Report, terminal, told_broken};

/// What [`check`](super::check) came to: every rule of the catalogue, judged. Displayed, it is the report of the terminal.
#[derive(Debug)]
#[must_use = "a check that nobody asserts finds nothing"]
pub struct Conformance(pub(super) Report);

impl Conformance {
    /// Asserts that no obligatory rule is broken, and that one at least was tested.
    ///
    /// What is only desirable may be broken ([`broken`](Self::broken) has it), and what a test cannot see may be open.
    ///
    /// # Panics
    ///
    /// When it is not so: with each broken rule, the guideline's words, what was expected, what was obtained, and the request.
    #[track_caller]
    pub fn assert_conforms(&self) {
        assert!(self.0.exit == 0, "el servicio no cumple el lineamiento\n{}", told_broken(&self.0));
    }

    /// `CONFORME`, `CONFORME CON EXCEPCIONES`, `INCOMPLETO` where obligatory rules were not tested, or `NO CONFORME`.
    #[must_use]
    pub const fn verdict(&self) -> &'static str {
        self.0.verdict.as_str()
    }

    /// The ids of the broken rules, desirable ones included, in the catalogue's order.
    #[must_use]
    pub fn broken(&self) -> Vec<&'static str> {
        self.ids(Status::is_broken)
    }

    /// The ids of the rules that nothing was seen of.
    #[must_use]
    pub fn not_tested(&self) -> Vec<&'static str> {
        self.ids(Status::is_open)
    }

    /// How a rule stands: `pass`, `fail`, `warn` (desirable, and broken), `n/a`, `not-tested` or `review`; nothing where there is no such rule.
    #[must_use]
    pub fn status(&self, rule: &str) -> Option<&'static str> {
        self.0.judged.iter().find(|one| one.rule.id == rule).map(|one| one.status.as_str())
    }

    /// The JSON report, by `standards-core/schemas/report.schema.json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        Kind::Json.render(&self.0)
    }

    fn ids(&self, wanted: impl Fn(Status) -> bool) -> Vec<&'static str> {
        self.0.judged.iter().filter(|one| wanted(one.status)).map(|one| one.rule.id.as_str()).collect()
    }
}

impl fmt::Display for Conformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&terminal(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;

    use crate::conformance::check;
    use crate::{ok, standardize};

    #[tokio::test]
    async fn what_is_broken_is_told_with_its_evidence() {
        let router = Router::new().route("/api/v1/saludos", get(async || "hola"));
        let conformance =
            check(router, "schema = 1\n[[success]]\nrequest = { method = \"GET\", path = \"/api/v1/saludos\" }").await;
        assert_eq!(conformance.verdict(), "NO CONFORME");
        assert!(conformance.broken().contains(&"API-01") && conformance.not_tested().contains(&"TST-01"));
        assert_eq!((conformance.status("API-01"), conformance.status("API-99")), (Some("fail"), None));
        let panic = std::panic::catch_unwind(|| conformance.assert_conforms()).unwrap_err();
        let told = panic.downcast_ref::<String>().unwrap();
        for text in ["NO CONFORME", "✘ API-01", "Esperado", "200 hola", "curl -i -X GET"] {
            assert!(told.contains(text), "{text}: {told}");
        }
        assert!(conformance.to_string().ends_with(" s\n") && conformance.to_json().starts_with('{'));
    }

    #[tokio::test]
    async fn what_a_test_does_not_see_is_not_tested() {
        let conformance = check(standardize(Router::new().route("/api/v1/x", get(async || ok(1)))), "schema = 1").await;
        for rule in ["LOG-01", "LOG-06", "LOG-17", "CFG-01", "OPS-04"] {
            assert_eq!(conformance.status(rule), Some("not-tested"), "{rule}");
        }
        let of_records = if cfg!(feature = "testkit") { "pass" } else { "not-tested" };
        assert_eq!(conformance.status("LOG-02"), Some(of_records));
    }

    #[tokio::test]
    #[should_panic(expected = "El perfil no se entiende")]
    async fn a_profile_that_is_none_fails_its_test() {
        let _ = check(Router::new(), "clave = 1").await;
    }

    #[tokio::test]
    #[should_panic(expected = "/no/hay")]
    async fn a_profile_that_is_not_there_fails_its_test() {
        let _ = check(Router::new(), std::path::Path::new("/no/hay.toml")).await;
    }
}
