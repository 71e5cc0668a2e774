//! Keys of idempotency are their caller's own.

use super::{KEY, VARIABLES, token};
use crate::support::http::{Api, PAGOS};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(another_callers_key_is_another_key, a_request_that_was_not_let_in_does_not_use_its_key_up);

const ALL: &str = "pagos:write clientes:write";

/// The operations under the key `k`; the second body of each is another request.
const OPERATIONS: [(&str, [&str; 2]); 2] = [
    (PAGOS, [r#"{"cliente_id":1,"monto":"1.00"}"#, r#"{"cliente_id":1,"monto":"2.00"}"#]),
    ("/api/v1/clientes/1/recargas", [r#"{"monto":"3.00"}"#, r#"{"monto":"4.00"}"#]),
];

async fn with_ana(fixture: &Fixture) -> Api {
    assert_eq!(Api::over(fixture).await.register("ana@x.cl", "100.00").await, 1);
    Api::with(fixture, &VARIABLES).await
}

async fn another_callers_key_is_another_key(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let (ana, eva) = (token(KEY, "ana", ALL), token(KEY, "eva", ALL));
    for (path, [one, other]) in OPERATIONS {
        let first = api.post_once(path, "k", one).bearer(&ana).await;
        let again = api.post_once(path, "k", one).bearer(&ana).await;
        assert!(first.status() == 200 && again.is_replay(), "{path}");
        assert_eq!(first.text(), again.text(), "{path}");
        // Hers is neither a repetition nor a conflict, and shows nothing of the other's.
        let hers = api.post_once(path, "k", other).bearer(&eva).await;
        assert!(hers.status() == 200 && !hers.is_replay() && hers.text() != first.text(), "{path}: {}", hers.text());
        assert_eq!(api.post_once(path, "k", other).bearer(&ana).await.status(), 422, "{path}");
        assert!(api.post_once(path, "k", other).bearer(&eva).await.is_replay(), "{path}");
        // Nobody's key is another still.
        assert!(!Api::over(&fixture).await.post_once(path, "k", one).await.is_replay(), "{path}");
    }
    assert_eq!(fixture.count("select count(*) from pagos").await, 3);
    fixture.assert_money_rule().await;
}

async fn a_request_that_was_not_let_in_does_not_use_its_key_up(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for (path, [one, _]) in OPERATIONS {
        assert_eq!(api.post_once(path, "k", one).await.status(), 401);
        assert_eq!(api.post_once(path, "k", one).bearer(&token(KEY, "ana", "pagos:read")).await.status(), 403);
        let first = api.post_once(path, "k", one).bearer(&token(KEY, "ana", ALL)).await;
        assert!(first.status() == 200 && !first.is_replay(), "{path}: {}", first.text());
    }
}
