//! A service that names and traces its requests by itself, and one that is in the standard already.

use axum::Router;
use axum::body::Body;
use axum::routing;
use http::{Request, StatusCode};
use standards_axum::layers::CorrelationLayer;
use standards_axum::{StandardsLayer, standardize, standardize_with};
use tower::ServiceBuilder;
use tower::ServiceExt;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use crate::support::{Exchange, get, install_log};

fn own() -> Router {
    let named = async |id: axum::Extension<RequestId>| id.header_value().to_str().unwrap().to_owned();
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(TraceLayer::new_for_http())
        .layer(PropagateRequestIdLayer::x_request_id());
    Router::new()
        .route("/quien", routing::get(named))
        .route("/roto", routing::get(async || StatusCode::INTERNAL_SERVER_ERROR))
        .layer(layers)
}

fn ids(exchange: &Exchange) -> (&str, &str) {
    let id = |name: &str| exchange.headers[name].to_str().unwrap();
    (id("x-correlation-id"), id("x-request-id"))
}

const ENDED: &str = "Solicitud atendida";
const BROKEN: &str = "Error inesperado: Error interno del servidor";

/// Of the end; the beginning and the end of the body are `TraceLayer`'s own.
#[track_caller]
fn assert_told_once(exchange: &Exchange, ended: &str) {
    let mut messages = exchange.messages();
    messages.retain(|message| message != "end of stream");
    assert_eq!(messages, ["started processing request", ended]);
}

#[tokio::test]
async fn both_names_are_one_id() {
    let exchange = get(&standardize(own()), "/quien").await;
    let (ours, theirs) = ids(&exchange);
    assert_eq!((ours, exchange.text().as_str()), (theirs, theirs));
}

#[tokio::test]
async fn the_end_is_told_once_whether_good_or_bad() {
    for (path, status, ended) in [("/quien", 200, ENDED), ("/roto", 500, BROKEN)] {
        let exchange = get(&standardize(own()), path).await;
        assert_eq!(exchange.access_record()["context"]["status"], status);
        assert_told_once(&exchange, ended);
    }
}

#[tokio::test]
async fn the_clients_request_id_is_adopted_where_the_layer_says_so() {
    install_log();
    let layer = StandardsLayer::new().with_correlation(CorrelationLayer::new().adopting_request_id());
    let request = Request::get("/quien").header("x-request-id", "pedido-7").body(Body::empty()).unwrap();
    let answer = standardize_with(own(), &layer).oneshot(request).await.unwrap();
    assert_eq!(
        (&answer.headers()["x-correlation-id"], &answer.headers()["x-request-id"]),
        (&"pedido-7".parse().unwrap(), &"pedido-7".parse().unwrap())
    );
}

#[tokio::test]
async fn the_standard_twice_is_the_standard_once() {
    let twice = standardize(standardize(own()));
    let nested = standardize(Router::new().nest_service("/dentro", standardize(own())));
    for (router, path) in [(&twice, "/quien"), (&twice, "/roto"), (&nested, "/dentro/quien"), (&nested, "/dentro/roto")] {
        let exchange = get(router, path).await;
        assert_eq!(exchange.access_record()["endpoint"], path);
        assert_eq!(exchange.headers.get_all("x-correlation-id").iter().count(), 1);
        let ended = if path.ends_with("/quien") { ENDED } else { BROKEN };
        assert_told_once(&exchange, ended);
    }
}
