//! A reverse proxy before a service of the standard's.

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use axum::routing;
use http::Request;
use standards_axum::{ApiResult, ok, standardize};
use standards_core::error_catalogue;
use standards_core::log::capture::Capture;
use tower::ServiceExt;

use crate::support::{get, under_ours};

error_catalogue! {
    /// Of the service behind.
    enum CupoError {
        Agotado => 409, "CUPO_AGOTADO", "No queda cupo";
    }
}

/// Passes every request on, its headers included.
async fn forward(State(upstream): State<Router>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let mut onward = Request::new(body);
    (*onward.method_mut(), *onward.uri_mut(), *onward.headers_mut()) = (head.method, head.uri, head.headers);
    let mut answer = upstream.oneshot(onward).await.unwrap();
    // What came over a network has no marks of this process.
    answer.extensions_mut().clear();
    answer
}

fn gateway() -> Router {
    let refuse = async || -> ApiResult<()> { Err(CupoError::Agotado.into()) };
    let routes = Router::new().route("/saldo", routing::get(async || ok(7))).route("/negado", routing::get(refuse));
    let upstream = standardize(routes);
    standardize(Router::new().fallback(forward).with_state(upstream))
}

#[tokio::test]
async fn an_answer_passes_as_it_is_and_both_log_one_id() {
    let exchange = get(&gateway(), "/saldo").await;
    assert_eq!((exchange.status, &exchange.json()["data"]), (200, &7.into()));
    assert_eq!(exchange.messages(), ["Solicitud atendida", "Solicitud atendida"]);
}

#[tokio::test]
async fn an_envelope_from_behind_keeps_its_words() {
    let refused = get(&gateway(), "/negado").await;
    refused.assert_envelope(409, "CUPO_AGOTADO");
    assert_eq!(refused.json()["errors"][0]["message"], "No queda cupo");
}

#[tokio::test]
async fn an_id_that_the_gateway_made_is_the_upstreams_too() {
    let running = under_ours(
        Router::new().fallback(forward).with_state(standardize(Router::new().route("/saldo", routing::get(async || ok(7))))),
    )
    .await;
    let answer = crate::sse::ask(running.address, "/saldo").await;
    let id = answer.lines().find_map(|line| line.strip_prefix("x-correlation-id: ")).unwrap().to_owned();
    running.stop().await;
    let told = Capture::of(&standards_core::CorrelationId::parse(&id).unwrap()).messages();
    assert_eq!(told, ["Solicitud atendida", "Solicitud atendida"]);
}
