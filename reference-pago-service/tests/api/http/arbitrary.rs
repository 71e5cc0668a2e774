//! Arbitrary requests through the whole service on both engines: what is promised of every answer holds, and no balance goes wrong.

use std::path::Path;

use standards_axum::testing::{TestApp, token};

use crate::auth::VARIABLES;
use crate::support::http::Api;
use crate::support::{Fixture, on_both_engines};
use crate::values::replay::replay;
use generator::{Generator, cases};
use stack::Stack;

#[path = "../../../../standards-axum/fuzz/cases/generator.rs"]
mod generator;
#[path = "../../../../standards-axum/fuzz/cases/stack/mod.rs"]
mod stack;

on_both_engines!(every_request_is_answered_in_the_standard, every_request_of_the_corpus_is_answered_as_its_name_says);

/// Two or three seconds.
const CASES: u64 = 1_000;

const SCOPES: &str = "pagos:read pagos:write clientes:read clientes:write";

fn corpus() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/requests")
}

/// The service, and one cliente who pays.
async fn service(fixture: &Fixture) -> Stack {
    assert_eq!(Api::over(fixture).await.register("ana@x.cl", "1000.00").await, 1);
    let router = TestApp::clone(&*Api::with(fixture, &VARIABLES).await).into_router();
    Stack::new(
        router,
        token(VARIABLES, "ana", SCOPES),
        |_| false,
        |path| path.starts_with("/api/v1/") && path != "/api/v1/openapi.json",
    )
}

async fn every_request_is_answered_in_the_standard(fixture: Fixture) {
    let service = service(&fixture).await;
    let statuses = Generator::of(&corpus()).run(0..cases(CASES), async |data| service.check(data).await).await;
    let missing: Vec<u16> = [200, 400, 401, 404, 405, 422].into_iter().filter(|status| !statuses.contains_key(status)).collect();
    assert!(missing.is_empty(), "{missing:?} in {statuses:?}");
    fixture.assert_money_rule().await;
}

/// In the order of their names, of which each tells the status.
async fn every_request_of_the_corpus_is_answered_as_its_name_says(fixture: Fixture) {
    let service = service(&fixture).await;
    for (name, input) in replay(&corpus(), <[u8]>::to_vec) {
        let status = service.check(&input).await;
        assert!(status.is_some_and(|status| name.contains(&format!("-{status}-"))), "{name}: {status:?}");
    }
    fixture.assert_money_rule().await;
}
