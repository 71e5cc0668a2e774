//! Callers of a test's own, by whatever keys the service has.

use axum::routing::get;

use super::*;
use crate::auth::{AuthSettings, Authenticator, BearerLayer, Caller};
use crate::testing::{CALLER_KEYS, token};
use crate::{ok, standardize};
use standards_core::settings::Environment;

const OTHERS: [(&str, &str); 4] = [
    ("DATABASE_URL", "sqlite://x.db"),
    ("SECRET_KEY", "una-clave-de-pruebas-de-32-bytes-o-mas"),
    ("JWT_ISSUER", "pruebas"),
    ("JWT_AUDIENCE", "saldos"),
];

/// A service whose callers these variables verify.
fn app(variables: &[(&str, &str)]) -> TestApp {
    let auth: AuthSettings = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
    let bearer = BearerLayer::new(Authenticator::new(&auth).unwrap()).scope("saldos:read");
    let who = get(async |caller: Caller| ok(caller.subject().to_owned()));
    TestApp::new(standardize(Router::new().route("/", who).layer(bearer)))
}

#[tokio::test]
async fn a_token_is_taken_by_the_service_of_the_same_variables_and_by_no_other() {
    let named = [("los de otros", &OTHERS[..]), ("los del kit", &CALLER_KEYS)];
    for (own, variables) in named {
        for (signing, keys) in named {
            let token = token(keys.iter().copied(), "ana", "saldos:read saldos:write");
            let status = app(variables).get("/").bearer(&token).await.status();
            assert_eq!(status, if own == signing { 200 } else { 401 }, "{own}, {signing}");
        }
    }
}

#[tokio::test]
async fn a_token_says_who_it_is_and_grants_no_more_than_it_says() {
    let ana = app(&OTHERS).get("/").bearer(&token(OTHERS, "ana", "saldos:read")).await;
    ana.assert_data(&serde_json::json!("ana"));
    assert_eq!(app(&OTHERS).get("/").bearer(&token(OTHERS, "ana", "")).await.status(), 403);
}

#[test]
fn variables_that_no_token_can_be_made_by_are_told() {
    let keyless = told(|| drop(token([("PORT", "0")], "ana", "")));
    assert_eq!(keyless, r#"no token can be made for "ana": SECRET_KEY is not set"#);
    let short = told(|| drop(token([("SECRET_KEY", "corta"), OTHERS[2], OTHERS[3]], "ana", "")));
    assert!(short.starts_with(r#"no token can be made for "ana": SECRET_KEY: debe ser una clave de 32"#), "{short}");
}
