//! Each switch of the builder.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use garde::Validate;
use http::header::{HeaderValue, SERVER};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde::Deserialize;
use standards_core::Failure;
use standards_core::settings::Environment;
use tower::{ServiceExt, service_fn};
use tower_http::cors::CorsLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::*;
use crate::extract::Json;
use crate::layers::EnvelopeLayer;
use crate::{Readiness, ok, service_info};

#[derive(Deserialize, Validate)]
struct Saludo {
    #[garde(skip)]
    #[expect(dead_code, reason = "read, and not looked at")]
    n: u8,
}

async fn refuse(_: Request<Body>) -> Result<Response, Infallible> {
    Ok((StatusCode::FORBIDDEN, "no").into_response())
}

fn service() -> Service {
    let routes = Router::new()
        .route("/saludos", get(async || ok("hola")).post(async |Json(_): Json<Saludo>| ok(())))
        .route("/ajena", get(async || (StatusCode::CONFLICT, "texto ajeno")))
        .route("/lenta", post(async || tokio::time::sleep(Duration::from_secs(11)).await));
    Service::new(service_info!(), Environment::default().settings().unwrap()).routes(routes)
}

async fn send(service: Service, request: Request<Body>) -> Response {
    service.into_router().oneshot(request).await.unwrap()
}

async fn get_from(service: Service, path: &str) -> Response {
    send(service, Request::get(path).header("origin", "https://a.cl").body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn health_is_there_unless_it_is_left_away() {
    assert_eq!(get_from(service(), "/health/live").await.status(), 200);
    assert_eq!(get_from(service().without_health(), "/health/live").await.status(), 404);
}

#[tokio::test]
async fn readiness_asks_what_the_builder_says() {
    let down = Readiness::default().with_check("db", async || Err(Failure::unavailable("down")));
    assert_eq!(get_from(service(), "/health/ready").await.status(), 200);
    assert_eq!(get_from(service().readiness(down), "/health/ready").await.status(), 503);
}

#[cfg(feature = "openapi")]
#[tokio::test]
async fn the_document_and_its_page_are_there_unless_they_are_left_away() {
    use crate::openapi::{ApiRouter, Operation};
    let api = || ApiRouter::new().operation(Operation::get("/pagos", "listar_pagos"), async || ok(()));
    for path in ["/api/v1/openapi.json", "/docs"] {
        assert_eq!(get_from(service().api(api()), path).await.status(), 200, "{path}");
        assert_eq!(get_from(service().api(api()).without_docs(), path).await.status(), 404, "{path}");
        assert_eq!(get_from(service().without_docs().api(api()), path).await.status(), 404, "{path}");
    }
    assert_eq!(get_from(service().without_docs().api(api()), "/api/v1/pagos").await.status(), 200);
}

/// What is told of a version: its title and version, where it begins, and the paths that it has.
#[cfg(feature = "openapi")]
async fn described(service: Service, path: &str) -> (String, Vec<String>) {
    let body = get_from(service, path).await.into_body().collect().await.unwrap().to_bytes();
    let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let paths = document["paths"].as_object().unwrap().keys().cloned().collect();
    (document["info"]["version"].as_str().unwrap().to_owned(), paths)
}

#[cfg(feature = "openapi")]
#[tokio::test]
async fn a_version_stands_beside_another_with_its_own_document() {
    use crate::openapi::{ApiRouter, Operation};
    let api = |version| {
        ApiRouter::new().operation(Operation::get("/pagos", "listar_pagos"), async || ok(())).describe("Pagos", version)
    };
    let both = || service().api(api("1.4.0")).api_under("/api/v2", api("2.0.0"));
    for path in ["/api/v1/pagos", "/docs", "/api/v2/pagos", "/api/v2/docs", "/api/v2/docs/"] {
        assert_eq!(get_from(both(), path).await.status(), 200, "{path}");
    }
    assert_eq!(described(both(), "/api/v1/openapi.json").await, ("1.4.0".into(), vec!["/api/v1/pagos".into()]));
    assert_eq!(described(both(), "/api/v2/openapi.json").await, ("2.0.0".into(), vec!["/api/v2/pagos".into()]));
    assert_eq!(get_from(both().without_docs(), "/api/v2/openapi.json").await.status(), 404);
    assert_eq!(get_from(service().api_under("/api/v2/", api("2.0.0")), "/api/v2/pagos").await.status(), 200);
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_builder_says() {
    let body = || Request::post("/saludos").header("content-type", "application/json").body(Body::from("{\"n\":1}")).unwrap();
    assert_eq!(send(service(), body()).await.status(), 200);
    assert_eq!(send(service().body_limit(6), body()).await.status(), 413);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_can_be_another_or_none() {
    let slow = || Request::post("/lenta").body(Body::empty()).unwrap();
    assert_eq!(send(service(), slow()).await.status(), 503);
    assert_eq!(send(service().standards(|layer| layer.with_deadline(None)), slow()).await.status(), 200);
    let patient = service().standards(|layer| layer.with_deadline(Some(Duration::from_secs(12))));
    assert_eq!(send(patient, slow()).await.status(), 200);
}

#[tokio::test]
async fn cors_takes_part_where_it_is_configured() {
    let closed = get_from(service(), "/saludos").await;
    assert!(closed.headers().keys().all(|name| name != "vary" && !name.as_str().starts_with("access-control-")));
    let open = service().standards(|layer| layer.with_cors(Some(CorsLayer::permissive())));
    assert_eq!(get_from(open, "/saludos").await.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn the_envelope_can_be_left_away() {
    let dressed = get_from(service(), "/ajena").await;
    assert_eq!(dressed.headers()["content-type"], "application/json");
    let bare = get_from(service().standards(|layer| layer.with_envelope(EnvelopeLayer::off())), "/ajena").await;
    assert_eq!(bare.into_body().collect().await.unwrap().to_bytes(), "texto ajeno");
}

#[tokio::test]
async fn a_layer_of_ones_own_stands_around_the_routes_that_are_there() {
    let named = SetResponseHeaderLayer::overriding(SERVER, HeaderValue::from_static("saludos"));
    let later = Router::new().route("/despues", get(async || ok(())));
    let service = || service().layer(named.clone()).routes(later.clone());
    assert_eq!(get_from(service(), "/saludos").await.headers()[SERVER], "saludos");
    for path in ["/despues", "/health/live", "/nope"] {
        assert!(!get_from(service(), path).await.headers().contains_key(SERVER), "{path}");
    }
}

#[tokio::test]
async fn what_such_a_layer_refuses_is_in_the_envelope() {
    let closed = tower::layer::layer_fn(|_| service_fn(refuse));
    let refused = get_from(service().layer(closed), "/saludos").await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["content-type"]),
        (403, &HeaderValue::from_static("application/json"))
    );
}

#[cfg(feature = "openapi")]
mod apis {
    use super::*;
    use crate::layers::Priority;
    use crate::openapi::{ApiRouter, Operation};

    fn ranked() -> ApiRouter {
        let ranked = |path, name, priority| Operation::get(path, name).priority(priority);
        ApiRouter::new()
            .operation(ranked("/bajo", "bajo", Priority::Low), async || ok("x"))
            .operation(ranked("/medio", "medio", Priority::Normal), async || ok("x"))
            .operation(ranked("/alto", "alto", Priority::High), async || ok("x"))
            .operation(Operation::get("/otro", "otro"), async || ok("x"))
    }

    /// So many in flight of 8 beside the one that is judged, and what low, normal, high and no priority are answered.
    const SHED: [(usize, [u16; 4]); 4] = [(3, [200; 4]), (4, [503, 200, 200, 200]), (6, [503, 503, 200, 200]), (8, [503; 4])];

    async fn answer(app: &Router, path: &str) -> Response {
        app.clone().oneshot(Request::get(format!("/api/v1{path}")).body(Body::empty()).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn operations_give_way_by_their_priority() {
        for api in [ranked(), ranked().map_router(|router| router)] {
            let limited = Environment::from_pairs([("MAX_IN_FLIGHT", "8")]).settings().unwrap();
            let app = Service::new(service_info!(), limited).api(api).into_router();
            let mut held = Vec::new();
            for (count, expected) in SHED {
                while held.len() < count {
                    held.push(answer(&app, "/alto").await);
                }
                for (path, expected) in ["/bajo", "/medio", "/alto", "/otro"].into_iter().zip(expected) {
                    assert_eq!(answer(&app, path).await.status(), expected, "{path}: {count} in flight");
                }
            }
            held.clear();
            assert_eq!(answer(&app, "/bajo").await.status(), 200);
        }
    }

    #[tokio::test]
    #[should_panic(expected = "leer: el documento pide un token que el servicio no verifica")]
    async fn a_document_that_asks_for_tokens_is_not_served_by_who_does_not() {
        let api = ApiRouter::new().operation(Operation::get("/", "leer").scope("x"), async || ok(())).document_security();
        let _ = service().api(api).into_router();
    }

    #[cfg(feature = "auth")]
    #[tokio::test]
    async fn every_api_is_authenticated_whenever_it_is_added() {
        use crate::auth::AuthSettings;
        let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
        let settings: AuthSettings = Environment::from_pairs(variables).settings().unwrap();
        let api = || ApiRouter::new().operation(Operation::get("/pagos", "listar_pagos").scope("pagos:read"), async || ok(()));
        let by = || settings.authenticator().unwrap();
        for service in [service().authenticated(by()).api(api()), service().api(api()).authenticated(by())] {
            let app = service.into_router();
            let status =
                async |path| app.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap().status();
            for (path, expected) in
                [("/api/v1/pagos", 401), ("/api/v1/openapi.json", 200), ("/docs", 200), ("/health/live", 200), ("/saludos", 200)]
            {
                assert_eq!(status(path).await, expected, "{path}");
            }
        }
    }
}
