//! A team's own tables and one line of wiring.

use axum::body::Body;
use axum::extract::State;
use axum::{Router, routing::post};
use http::Request;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqlitePoolOptions;
use standards_axum::extract::Path;
use standards_axum::prelude::*;
use standards_axum::standardize;
use standards_core::idempotency::sql::{SQLITE_MIGRATION, SqliteStore};

use crate::exchange::Exchange;
use crate::support;

error_catalogue! {
    enum MovimientoError {
        StockInsuficiente { pedido: u32 } => 400, "STOCK_INSUFICIENTE", "No hay {pedido}", en "There are not {pedido}";
    }
}

#[derive(Deserialize, Serialize, Validate)]
struct MovimientoCrear {
    #[garde(range(min = 1))]
    cantidad: u32,
    #[garde(skip)]
    motivo: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Movimiento {
    id: i64,
    cantidad: u32,
}

async fn mover(conexion: &mut SqliteConnection, producto: i64, m: MovimientoCrear) -> Result<Movimiento, Failure> {
    let insert = sqlx::query("insert into movimientos (producto, cantidad) values (?, ?)");
    let id = insert.bind(producto).bind(m.cantidad).execute(conexion).await?.last_insert_rowid();
    match m.cantidad {
        10.. => Err(MovimientoError::StockInsuficiente { pedido: m.cantidad })?,
        cantidad => Ok(Movimiento { id, cantidad }),
    }
}

async fn registrar(
    State(idempotencia): State<SqliteStore>,
    Path(id): Path<i64>,
    clave: Option<IdempotencyKey>,
    Json(m): Json<MovimientoCrear>,
) -> ApiResult<Movimiento> {
    idempotencia.once(clave, (id, m), async |mut tx, (id, m)| mover(&mut tx, id, m).await).await?.into_reply()
}

async fn service() -> Router {
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql(SQLITE_MIGRATION).execute(&pool).await.unwrap();
    sqlx::raw_sql("create table movimientos (id integer primary key, producto integer, cantidad integer)")
        .execute(&pool)
        .await
        .unwrap();
    standardize(Router::new().route("/productos/{id}/movimientos", post(registrar)).with_state(SqliteStore::new(pool)))
}

async fn send(service: &Router, producto: i64, key: &str, language: &str, body: &str) -> Exchange {
    let request = Request::post(format!("/productos/{producto}/movimientos"))
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .header("accept-language", language);
    support::send(service, request.body(Body::from(body.to_owned())).unwrap()).await
}

fn is_replay(exchange: &Exchange) -> bool {
    exchange.headers.get("idempotent-replayed").is_some_and(|value| value == "true")
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer_byte_by_byte() {
    let service = service().await;
    let first = send(&service, 7, "k", "es", r#"{"cantidad": 2, "motivo": "ajuste"}"#).await;
    assert_eq!((first.status, is_replay(&first)), (200, false), "{}", first.body);
    let again = send(&service, 7, "\"k\"", "en", r#"{"motivo":"a\u006auste","cantidad":2,"otro":1}"#).await;
    assert_eq!((again.status, is_replay(&again)), (200, true));
    assert_eq!(again.body, first.body);
    assert_eq!(first.body, r#"{"success":true,"data":{"id":1,"cantidad":2},"errors":[]}"#);
}

#[tokio::test]
async fn a_refusal_is_repeated_in_the_language_of_the_first() {
    let service = service().await;
    let first = send(&service, 7, "k", "en", r#"{"cantidad": 12}"#).await;
    first.assert_failure(400, "STOCK_INSUFICIENTE", "There are not 12");
    let again = send(&service, 7, "k", "es", r#"{"cantidad": 12}"#).await;
    again.assert_failure(400, "STOCK_INSUFICIENTE", "There are not 12");
    assert!(is_replay(&again) && !is_replay(&first));
}

#[tokio::test]
async fn another_body_or_path_under_the_key_is_refused() {
    let service = service().await;
    let first = send(&service, 7, "k", "es", r#"{"cantidad": 2}"#).await;
    assert_eq!(first.status, 200);
    for (producto, body) in [(7, r#"{"cantidad": 3}"#), (8, r#"{"cantidad": 2}"#)] {
        let other = send(&service, producto, "k", "es", body).await;
        other.assert_failure(422, "IDEMPOTENCY_KEY_REUTILIZADA", "La Idempotency-Key ya se usó con otra solicitud");
    }
}

#[tokio::test]
async fn a_bad_request_burns_no_key() {
    let service = service().await;
    assert_eq!(send(&service, 7, "k", "es", r#"{"cantidad": 0}"#).await.status, 422);
    assert_eq!(send(&service, 7, "a b", "es", r#"{"cantidad": 2}"#).await.status, 400);
    let good = send(&service, 7, "k", "es", r#"{"cantidad": 2}"#).await;
    assert_eq!((good.status, is_replay(&good)), (200, false));
}
