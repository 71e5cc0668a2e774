//! Answers of the router and of other people's code, in the envelope.

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{Request, StatusCode};
use standards_axum::{StandardsLayer, standardize};

use crate::support::{get as send_get, send};

async fn gatekeeper(request: Request<Body>, next: Next) -> Response {
    match request.uri().path() {
        "/forbidden" => (StatusCode::FORBIDDEN, "rol admin requerido").into_response(),
        "/teapot" => StatusCode::IM_A_TEAPOT.into_response(),
        "/gateway" => (StatusCode::BAD_GATEWAY, "upstream 10.0.0.7 refused").into_response(),
        _ => next.run(request).await,
    }
}

fn router() -> Router {
    let routes = Router::new()
        .route("/foreign", post(|_: axum::Json<u8>| async {}))
        .route("/upload", post(|_: String| async {}).layer(DefaultBodyLimit::max(8)))
        .route("/page", get(|| async { axum::response::Html("<p>tal cual</p>") }))
        .layer(middleware::from_fn(gatekeeper));
    standardize(routes)
}

#[tokio::test]
async fn unknown_routes_and_wrong_verbs_are_in_the_envelope() {
    send_get(&router(), "/nope").await.assert_failure(404, "HTTP_ERROR", "Recurso no encontrado");
    let wrong = send(&router(), Request::delete("/page").body(Body::empty()).unwrap()).await;
    wrong.assert_failure(405, "HTTP_ERROR", "Método no permitido");
    assert_eq!(wrong.headers["allow"], "GET,HEAD");
}

#[tokio::test]
async fn other_peoples_extractors_lose_their_words() {
    let post = |path: &str, content_type: &str, body: &'static str| {
        Request::post(path).header("content-type", content_type).body(Body::from(body)).unwrap()
    };
    let router = router();
    let cases = [
        (post("/foreign", "text/plain", "1"), 415, "HTTP_ERROR", "Tipo de contenido no soportado"),
        (post("/foreign", "application/json", "}"), 400, "HTTP_ERROR", "Solicitud no válida"),
        (post("/foreign", "application/json", "\"x\""), 422, "VALIDATION_ERROR", "Solicitud no válida"),
        (post("/upload", "text/plain", "demasiado largo"), 413, "HTTP_ERROR", "Cuerpo demasiado grande"),
    ];
    for (request, status, code, message) in cases {
        send(&router, request).await.assert_failure(status, code, message);
    }
}

#[tokio::test]
async fn other_peoples_middleware_is_dressed_by_its_status() {
    let router = router();
    send_get(&router, "/forbidden").await.assert_failure(403, "HTTP_ERROR", "Sin permiso para esta operación");
    send_get(&router, "/teapot").await.assert_failure(418, "HTTP_ERROR", "Solicitud no válida");
    let gateway = send_get(&router, "/gateway").await;
    gateway.assert_failure(502, "SERVICE_UNAVAILABLE", "Servicio no disponible, intente más tarde");
}

#[tokio::test]
async fn pages_pass_as_they_are() {
    let page = send_get(&router(), "/page").await;
    assert_eq!((page.status, page.body.as_str()), (200, "<p>tal cual</p>"));
    assert_eq!(page.headers["x-content-type-options"], "nosniff");
}

#[tokio::test]
async fn the_bare_layer_serves_an_existing_router() {
    let router: Router = Router::new().route("/", get(|| async { StatusCode::CONFLICT })).layer(StandardsLayer::new());
    send_get(&router, "/").await.assert_failure(409, "HTTP_ERROR", "Solicitud no válida");
}

#[tokio::test]
async fn a_coding_that_nobody_decodes_is_refused_and_the_connection_closed() {
    let request = Request::get("/page").header("transfer-encoding", "gzip, chunked").body(Body::empty()).unwrap();
    let refused = send(&router(), request).await;
    refused.assert_failure(400, "HTTP_ERROR", "Solicitud no válida");
    assert_eq!(refused.headers["connection"], "close");
}
