//! What a key does, request by request.

use std::time::{Duration, Instant};

use http::Method;
use reference_pago_service::database::Database;
use sqlx::Connection as _;
use standards_axum::testing::TestAnswer;
use standards_core::context;

use crate::support::http::{AnswerExt as _, Api, CLIENTES, PAGOS, execute};
use crate::support::{Fixture, on_both_engines};

on_both_engines!(
    a_repetition_gets_the_bytes_of_the_first_answer,
    the_same_request_may_be_written_in_other_words,
    another_request_under_the_key_is_refused,
    each_operation_has_keys_of_its_own,
    what_is_not_the_domains_answer_does_not_use_the_key_up,
    a_refusal_is_repeated_even_when_it_would_be_paid_now,
    a_replay_speaks_the_language_of_the_first_answer,
    only_well_formed_keys_are_taken,
    a_key_can_be_required,
    the_served_document_says_whether_a_key_is_required,
    an_old_key_is_forgotten,
    while_the_first_is_worked_on_the_second_is_told_to_wait,
);

const PAGO: &str = r#"{"cliente_id":1,"monto":"100.50","moneda":"CLP"}"#;

async fn with_ana(fixture: &Fixture) -> Api {
    let api = Api::over(fixture).await;
    assert_eq!(api.register("ana@x.cl", "1000.00").await, 1);
    api
}

#[track_caller]
fn assert_replay(again: &TestAnswer, first: &TestAnswer) {
    assert!(again.is_replay() && !first.is_replay(), "{again:?}");
    assert_eq!((again.status(), again.text()), (first.status(), first.text()));
    assert_eq!(again.headers()["content-type"], first.headers()["content-type"]);
}

async fn a_repetition_gets_the_bytes_of_the_first_answer(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let operations = [(PAGOS, PAGO), ("/api/v1/clientes/1/recargas", r#"{"monto":"7.00"}"#), ("/api/v1/pagos/1/anulacion", "")];
    for (path, body) in operations {
        let first = api.post_once(path, "k", body).await;
        assert_eq!(first.status(), 200, "{}", first.text());
        for _ in 0..3 {
            assert_replay(&api.post_once(path, "k", body).await, &first);
        }
    }
    assert_eq!(api.saldo(1).await, "1007.00");
    assert_eq!(fixture.count("select count(*) from pagos").await, 1);
    fixture.assert_money_rule().await;
}

async fn the_same_request_may_be_written_in_other_words(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let first = api.post_once(PAGOS, "k", PAGO).await;
    let bodies = [
        r#"{"moneda":"CLP","monto":"100.5","cliente_id":1}"#,
        r#"  { "cliente_id" : 1 , "monto" : 100.50 }"#,
        r#"{"cliente_id":1,"monto":100.5,"otro":[1,2]}"#,
    ];
    for body in bodies {
        assert_replay(&api.post_once(PAGOS, "k", body).await, &first);
        assert_replay(&api.post_once(PAGOS, "\"k\"", body).await, &first);
    }
}

async fn another_request_under_the_key_is_refused(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    assert_eq!(api.register("eva@x.cl", "1000.00").await, 2);
    assert_eq!(api.post_once(PAGOS, "k", PAGO).await.status(), 200);
    let reused = "La Idempotency-Key ya se usó con otra solicitud";
    let bodies = [
        r#"{"cliente_id":1,"monto":"100.51"}"#,
        r#"{"cliente_id":2,"monto":"100.50"}"#,
        r#"{"cliente_id":1,"monto":"100.50","moneda":"USD"}"#,
    ];
    for body in bodies {
        api.post_once(PAGOS, "k", body).await.assert_refused(422, "IDEMPOTENCY_KEY_REUTILIZADA", reused);
    }
    what_the_path_names_belongs_to_the_request(&api).await;
    assert_eq!(api.saldo(2).await, "998.00");
    fixture.assert_money_rule().await;
}

async fn what_the_path_names_belongs_to_the_request(api: &Api) {
    for id in [1, 2] {
        let answer = api.post_once(&format!("{CLIENTES}/{id}/recargas"), "r", r#"{"monto":"1"}"#).await;
        assert_eq!(answer.status(), if id == 1 { 200 } else { 422 });
        assert_eq!(api.pay(2, "1").await.status(), 200);
        let answer = api.post_once(&format!("{PAGOS}/{id}/anulacion"), "a", "").await;
        assert_eq!(answer.status(), if id == 1 { 200 } else { 422 });
    }
}

async fn each_operation_has_keys_of_its_own(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    for path in [PAGOS, "/api/v1/clientes/1/recargas"] {
        assert!(!api.post_once(path, "k", PAGO).await.is_replay());
    }
    // Keys mean nothing where they are not taken.
    for number in 0..2 {
        let body = format!(r#"{{"nombre":"Eva","email":"eva{number}@x.cl"}}"#);
        assert_eq!(api.post_once(CLIENTES, "k", body).await.status(), 200);
        assert_eq!(api.get(PAGOS).idempotency_key("no es válida").await.status(), 200);
    }
    // Case counts.
    assert!(!api.post_once(PAGOS, "K", PAGO).await.is_replay());
}

async fn what_is_not_the_domains_answer_does_not_use_the_key_up(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let refused = [
        (r#"{"cliente_id":1,"monto":"-1"}"#.to_owned(), 422),
        ("{".to_owned(), 422),
        (format!(r#"{{"cliente_id":1,"monto":"1","x":"{}"}}"#, "9".repeat(20_000)), 413),
    ];
    for (body, status) in refused {
        assert_eq!(api.post_once(PAGOS, "k", body).await.status(), status);
    }
    nor_does_a_request_that_was_not_understood_or_failed(&fixture, &api).await;
    assert_eq!(fixture.count("select count(*) from idempotencia").await, 0);
    assert_eq!(api.register("eva@x.cl", "5.00").await, 2);
    for path in [PAGOS, "/api/v1/clientes/2/recargas", "/api/v1/pagos/1/anulacion"] {
        let first = api.post_once(path, "k", PAGO).await;
        assert!(first.status() == 200 && !first.is_replay(), "{}", first.text());
    }
    fixture.assert_money_rule().await;
}

async fn nor_does_a_request_that_was_not_understood_or_failed(fixture: &Fixture, api: &Api) {
    let untyped = api.request(Method::POST, PAGOS).body(PAGO).idempotency_key("k");
    assert_eq!(untyped.await.status(), 415);
    execute(fixture, "alter table pagos rename to ausentes").await;
    assert!(api.post_once(PAGOS, "k", PAGO).await.status() >= 500);
    execute(fixture, "alter table ausentes rename to pagos").await;
    // Neither does a cliente or a pago of the path that is not there (yet).
    for path in ["/api/v1/clientes/2/recargas", "/api/v1/pagos/1/anulacion"] {
        assert_eq!(api.post_once(path, "k", PAGO).await.status(), 404);
    }
}

async fn a_refusal_is_repeated_even_when_it_would_be_paid_now(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let much = r#"{"cliente_id":1,"monto":"1500.00"}"#;
    let first = api.post_once(PAGOS, "k", much).await;
    first.assert_refused(400, "SALDO_INSUFICIENTE", "Saldo insuficiente. Actual: 1000.00, Requerido: 1500.00");
    assert_eq!(api.post("/api/v1/clientes/1/recargas", r#"{"monto":"1000"}"#).await.status(), 200);
    assert_replay(&api.post_once(PAGOS, "k", much).await, &first);
    assert_eq!(api.post_once(PAGOS, "otra", much).await.status(), 200);
    let nobody = r#"{"cliente_id":999,"monto":"1"}"#;
    let first = api.post_once(PAGOS, "nadie", nobody).await;
    first.assert_refused(400, "CLIENTE_NO_ENCONTRADO", "Cliente con ID 999");
    assert_replay(&api.post_once(PAGOS, "nadie", nobody).await, &first);
    let dollars = r#"{"cliente_id":1,"monto":"1","moneda":"USD"}"#;
    let first = api.post_once(PAGOS, "dolares", dollars).await;
    first.assert_refused(400, "MONEDA_NO_COINCIDE", "La moneda USD");
    assert_replay(&api.post_once(PAGOS, "dolares", dollars).await, &first);
    the_other_refusals(&api).await;
}

async fn the_other_refusals(api: &Api) {
    let all = r#"{"monto":"99999999.99"}"#;
    let first = api.post_once("/api/v1/clientes/1/recargas", "k", all).await;
    first.assert_refused(400, "SALDO_EXCEDIDO", "El abono de 99999999.99");
    assert_replay(&api.post_once("/api/v1/clientes/1/recargas", "k", all).await, &first);
    assert_eq!(api.post("/api/v1/pagos/1/anulacion", "").await.status(), 200);
    let first = api.post_once("/api/v1/pagos/1/anulacion", "k", "").await;
    first.assert_refused(400, "PAGO_NO_ANULABLE", "El pago con ID 1 no se puede anular: está ANULADO");
    assert_replay(&api.post_once("/api/v1/pagos/1/anulacion", "k", "").await, &first);
}

async fn a_replay_speaks_the_language_of_the_first_answer(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let ask = |key| api.pay(9, "1").idempotency_key(key);
    let spanish = ask("es").await;
    assert_replay(&ask("es").language("en").await, &spanish);
    let english = ask("en").language("en").await;
    english.assert_refused(400, "CLIENTE_NO_ENCONTRADO", "Cliente with ID 9 not found");
    assert_replay(&ask("en").await, &english);
}

async fn only_well_formed_keys_are_taken(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let long = "a".repeat(256);
    for key in ["", "\"\"", "a b", "a\tb", "a,b", "clave-ñ", long.as_str()] {
        let refused = api.post_once(PAGOS, key, PAGO).await;
        refused.assert_refused(400, "IDEMPOTENCY_KEY_INVALIDA", "El encabezado Idempotency-Key debe tener");
    }
    let two = api.post_once(PAGOS, "a", PAGO).idempotency_key("a");
    two.await.assert_refused(400, "IDEMPOTENCY_KEY_INVALIDA", "El encabezado");
    assert_eq!(fixture.count("select count(*) from pagos").await, 0);
    for key in [&long[1..], "!#$%&'()*+-./09:;<=>?@AZ[]^_`az{|}~"] {
        assert_eq!(api.post_once(PAGOS, key, PAGO).await.status(), 200);
    }
}

async fn a_key_can_be_required(fixture: Fixture) {
    with_ana(&fixture).await;
    let api = Api::with(&fixture, &[("IDEMPOTENCY_REQUIRED", "true")]).await;
    for path in [PAGOS, "/api/v1/clientes/1/recargas", "/api/v1/pagos/1/anulacion"] {
        let refused = api.post(path, PAGO).await;
        refused.assert_refused(400, "IDEMPOTENCY_KEY_REQUERIDA", "El encabezado Idempotency-Key es obligatorio");
        assert_eq!(api.post_once(path, "k", PAGO).await.status(), 200);
    }
    assert_eq!(api.get(PAGOS).await.status(), 200);
}

async fn the_served_document_says_whether_a_key_is_required(fixture: Fixture) {
    for required in ["false", "true"] {
        let api = Api::with(&fixture, &[("IDEMPOTENCY_REQUIRED", required)]).await;
        let document = api.get("/api/v1/openapi.json").await.json();
        for path in [PAGOS, "/api/v1/clientes/{id}/recargas", "/api/v1/pagos/{id}/anulacion"] {
            let parameters = document["paths"][path]["post"]["parameters"].as_array().unwrap();
            let keys: Vec<_> = parameters.iter().filter(|parameter| parameter["name"] == "Idempotency-Key").collect();
            assert!(keys.len() == 1 && keys[0]["required"] == (required == "true"), "{path}: {keys:?}");
        }
        assert!(document["paths"][CLIENTES]["post"].is_object() && document["paths"][CLIENTES]["post"]["parameters"].is_null());
    }
}

async fn until(condition: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !condition().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never happened");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn an_old_key_is_forgotten(fixture: Fixture) {
    with_ana(&fixture).await;
    // A second and a half; the other keeps its keys for a day.
    let api = Api::with(&fixture, &[("IDEMPOTENCY_TTL_HOURS", "0.00042")]).await;
    let begun = Instant::now();
    let first = api.post_once(PAGOS, "k", PAGO).await;
    let again = api.post_once(PAGOS, "k", PAGO).await;
    if begun.elapsed() < Duration::from_secs(1) {
        assert_replay(&again, &first);
    }
    until(async || fixture.count("select count(*) from idempotencia").await == 0).await;
    assert!(begun.elapsed() > Duration::from_millis(1_500));
    assert!(!api.post_once(PAGOS, "k", PAGO).await.is_replay());
    assert_eq!(fixture.count("select count(*) from pagos").await, 2);
}

/// Somebody else's transaction, which holds Ana's row (SQLite: the writer).
pub(super) enum Foreign {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

impl Foreign {
    pub(super) async fn begin(fixture: &Fixture) -> Self {
        match &fixture.database {
            Database::Sqlite(sqlite) => {
                let options = sqlite.readers().connect_options();
                let options = (*options).clone().read_only(false);
                let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query("begin immediate").execute(&mut connection).await.unwrap();
                Self::Sqlite(connection)
            }
            Database::Postgres(postgres) => {
                let mut connection = postgres.connect().await.unwrap();
                sqlx::raw_sql("begin; select from clientes where id = 1 for update").execute(&mut connection).await.unwrap();
                Self::Postgres(connection)
            }
        }
    }

    pub(super) async fn end(self) {
        match self {
            Self::Sqlite(mut connection) => drop(sqlx::query("rollback").execute(&mut connection).await.unwrap()),
            Self::Postgres(mut connection) => drop(sqlx::query("rollback").execute(&mut connection).await.unwrap()),
        }
    }
}

async fn while_the_first_is_worked_on_the_second_is_told_to_wait(fixture: Fixture) {
    let api = with_ana(&fixture).await;
    let finished = api.post_once(PAGOS, "lista", PAGO).await;
    let foreign = Foreign::begin(&fixture).await;
    let waiting = api.clone();
    let first = context::spawn(async move { waiting.post_once(PAGOS, "k", PAGO).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    the_second_is_told(&api).await;
    if fixture.database.engine() == "postgresql" {
        // A finished key waits for nobody's row.
        assert_replay(&api.post_once(PAGOS, "lista", PAGO).await, &finished);
    }
    foreign.end().await;
    let first = first.await.unwrap();
    assert_eq!(first.status(), 200, "{}", first.text());
    assert_replay(&api.post_once(PAGOS, "k", PAGO).await, &first);
    assert_eq!(fixture.count("select count(*) from pagos").await, 2);
}

async fn the_second_is_told(api: &Api) {
    for body in [PAGO, r#"{"cliente_id":1,"monto":"1"}"#] {
        let second = api.post_once(PAGOS, "k", body).await;
        second.assert_refused(409, "IDEMPOTENCY_EN_PROCESO", "Una solicitud con la misma Idempotency-Key está en proceso");
        assert_eq!(second.headers()["retry-after"], "1");
    }
}
