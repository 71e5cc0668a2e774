//! Who asks too often, at the whole service.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::routing::get;
use http::Request;
use serde_json::json;
use standards_axum::extract::ClientAddress;
use standards_axum::{Service, ok, service_info};
use standards_core::settings::Environment;
use tower::ServiceExt;

use crate::support::{Exchange, send};

const ANA: [u8; 4] = [198, 51, 100, 7];
const LUIS: [u8; 4] = [198, 51, 100, 8];
const PROXY: [u8; 4] = [10, 0, 0, 1];

fn service(variables: &[(&str, &str)]) -> Service {
    let settings = Environment::from_pairs(variables.iter().copied()).settings().unwrap();
    let quien =
        async |client: ClientAddress, ConnectInfo(peer): ConnectInfo<SocketAddr>| ok(format!("{} {}", client.ip(), peer.ip()));
    Service::new(service_info!(), settings).routes(Router::new().route("/quien", get(quien)))
}

async fn ask(router: &Router, peer: [u8; 4], path: &str, headers: &[(&str, &str)]) -> Exchange {
    let request = Request::get(path).extension(ConnectInfo(SocketAddr::from((peer, 50_000))));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    send(router, request.body(Body::empty()).unwrap()).await
}

async fn statuses<const N: usize>(router: &Router, asked: [([u8; 4], &str); N]) -> [u16; N] {
    let mut statuses = [0; N];
    for (status, (peer, way)) in statuses.iter_mut().zip(asked) {
        *status = ask(router, peer, "/quien", &[("x-forwarded-for", way)]).await.status;
    }
    statuses
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_in_the_envelope_and_says_when_to_come_again() {
    let router = service(&[("RATE_LIMIT", "1"), ("ALLOWED_HOSTS", "https://a.cl")]).into_router();
    let origin = [("origin", "https://a.cl")];
    assert_eq!(ask(&router, ANA, "/quien", &origin).await.status, 200);
    let refused = ask(&router, ANA, "/quien", &origin).await;
    refused.assert_failure(429, "HTTP_ERROR", "Demasiadas solicitudes");
    let told = ["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"];
    assert_eq!(told.map(|name| refused.headers[name].to_str().unwrap()), ["1", "1", "0", "1"]);
    let exposed = refused.headers["access-control-expose-headers"].to_str().unwrap().to_ascii_lowercase();
    assert!(told.iter().all(|name| exposed.split(',').any(|exposed| exposed == *name)), "{exposed}");
    let record = refused.access_record();
    assert_eq!((&record["level"], &record["message"]), (&json!("WARNING"), &json!("Error HTTP: Demasiadas solicitudes")));
    let context = json!({"status": 429, "http_method": "GET", "error_code": "HTTP_ERROR", "unsaid": 0, "limited_by": "address", "client": "198.51.100.7"});
    assert_eq!(record["context"], context);
    let unsaid = ask(&router, ANA, "/quien", &origin).await.access_record();
    assert_eq!(unsaid["level"], "DEBUG");
}

#[tokio::test(start_paused = true)]
async fn others_are_served_and_so_is_what_tells_about_the_service() {
    let router = service(&[("RATE_LIMIT", "1")]).into_router();
    assert_eq!(statuses(&router, [(ANA, ""), (ANA, ""), (LUIS, ""), (LUIS, "")]).await, [200, 429, 200, 429]);
    assert_eq!(ask(&router, ANA, "/health/live", &[]).await.status, 200);
    assert_eq!(ask(&router, ANA, "/nada", &[]).await.status, 429);
}

#[tokio::test(start_paused = true)]
async fn without_a_limit_nobody_is_refused() {
    let router = service(&[]).into_router();
    assert_eq!(statuses(&router, [(ANA, ""); 50]).await, [200; 50]);
    let switched = service(&[("RATE_LIMIT", "1")]).standards(|layer| layer.with_rate_limit(None)).into_router();
    assert_eq!(statuses(&switched, [(ANA, ""); 3]).await, [200; 3]);
}

#[tokio::test(start_paused = true)]
async fn who_is_limited_takes_no_place_in_flight() {
    let router = service(&[("RATE_LIMIT", "1"), ("MAX_IN_FLIGHT", "1")]).into_router();
    let answer = async || {
        let request = Request::get("/quien").extension(ConnectInfo(SocketAddr::from((ANA, 50_000)))).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap()
    };
    let _held = answer().await;
    assert_eq!(answer().await.status(), 429);
}

#[tokio::test(start_paused = true)]
async fn behind_a_trusted_proxy_each_client_counts_for_itself() {
    let router = service(&[("RATE_LIMIT", "1"), ("TRUSTED_PROXIES", "10.0.0.0/8")]).into_router();
    let answer = ask(&router, PROXY, "/quien", &[("x-forwarded-for", "192.0.2.1, 203.0.113.9")]).await;
    assert_eq!(answer.body, r#"{"success":true,"data":"203.0.113.9 10.0.0.1","errors":[]}"#);
    let asked = [(PROXY, "1.1.1.1"), (PROXY, "1.1.1.1"), (PROXY, "2.2.2.2"), (PROXY, "9.9.9.9, 2.2.2.2")];
    assert_eq!(statuses(&router, asked).await, [200, 429, 200, 429]);
    // Whoever is no proxy is the peer, whatever it says.
    assert_eq!(statuses(&router, [(ANA, "3.3.3.3"), (ANA, "4.4.4.4"), (ANA, "10.0.0.1")]).await, [200, 429, 429]);
}

#[tokio::test]
async fn without_trusted_proxies_every_client_is_the_peer() {
    let answer = ask(&service(&[]).into_router(), PROXY, "/quien", &[("x-forwarded-for", "203.0.113.9")]).await;
    assert_eq!(answer.body, r#"{"success":true,"data":"10.0.0.1 10.0.0.1","errors":[]}"#);
}

#[test]
fn the_inventory_names_what_is_on() {
    let settings = |variables: &[(&str, &str)]| {
        let mut names = Vec::new();
        let _ = service(variables).standards(|layer| {
            names = layer.inventory().into_iter().map(|layer| layer.name).collect();
            layer
        });
        names
    };
    let always = ["nosniff", "correlation", "access_log", "envelope", "framing"];
    assert_eq!(settings(&[]), [&always[..], &["admission", "catch_panic", "deadline"]].concat());
    let both = settings(&[("RATE_LIMIT", "5/10"), ("TRUSTED_PROXIES", "10.0.0.1")]);
    assert_eq!(both, [&always[..], &["trusted_proxies", "rate_limit", "admission", "catch_panic", "deadline"]].concat());
}

#[test]
fn each_problem_is_told_by_its_variable() {
    let variables = [("RATE_LIMIT", "mucho"), ("TRUSTED_PROXIES", "0.0.0.0/0")];
    let problems = Environment::from_pairs(variables).settings::<standards_axum::StandardSettings>().unwrap_err().to_string();
    assert!(problems.contains("RATE_LIMIT: debe ser solicitudes por segundo"), "{problems}");
    assert!(problems.contains("TRUSTED_PROXIES: debe ser una lista") && !problems.contains("mucho"), "{problems}");
}

#[cfg(all(feature = "auth", feature = "openapi"))]
mod callers {
    use standards_axum::auth::{AuthSettings, Caller, Grant};
    use standards_axum::openapi::{ApiRouter, Operation};

    use super::*;

    fn settings() -> AuthSettings {
        let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
        Environment::from_pairs(variables).settings().unwrap()
    }

    fn api() -> ApiRouter {
        let leer = async |caller: Caller| ok(caller.subject().to_owned());
        ApiRouter::new()
            .operation(Operation::get("/saldo", "leer_saldo").scope("saldos:read"), leer)
            .operation(Operation::get("/tarifas", "leer_tarifas").public(), async || ok(()))
    }

    fn limited(variables: &[(&str, &str)]) -> Router {
        service(variables).api(api()).authenticated(settings().authenticator().unwrap()).into_router()
    }

    /// The status for whoever has this `Authorization`.
    async fn status(router: &Router, path: &str, authorization: &str) -> u16 {
        ask(router, ANA, path, &[("authorization", authorization)]).await.status
    }

    fn bearer(subject: &str, scope: &str) -> String {
        format!("Bearer {}", settings().issue(&Grant::new(subject).with_scope(scope)).unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_subject_that_floods_leaves_others_of_its_address_alone() {
        let router = limited(&[("RATE_LIMIT", "2")]);
        let (ana, luis) = (bearer("ana", "saldos:read"), bearer("luis", "saldos:read"));
        let mut flood = Vec::new();
        for _ in 0..20 {
            flood.push(status(&router, "/api/v1/saldo", &ana).await);
        }
        assert_eq!((&flood[..2], &flood[2..]), (&[200; 2][..], &[429; 18][..]));
        assert_eq!([status(&router, "/api/v1/saldo", &luis).await, status(&router, "/api/v1/saldo", &luis).await], [200, 200]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_without_a_valid_token_is_refused_by_its_address() {
        for authorization in ["Bearer x.y.z", "Basic YTpi", ""] {
            let router = limited(&[("RATE_LIMIT", "2")]);
            let mut flood = Vec::new();
            for _ in 0..5 {
                flood.push(status(&router, "/api/v1/saldo", authorization).await);
            }
            assert_eq!(flood, [401, 401, 429, 429, 429], "{authorization}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_that_nobody_asks_for_costs_its_address() {
        let router = limited(&[("RATE_LIMIT", "1")]);
        for expected in [200, 429] {
            assert_eq!(status(&router, "/api/v1/tarifas", &bearer("ana", "saldos:read")).await, expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_without_the_scope_is_counted_too() {
        let router = limited(&[("RATE_LIMIT", "1")]);
        let ana = bearer("ana", "otra:cosa");
        assert_eq!([status(&router, "/api/v1/saldo", &ana).await, status(&router, "/api/v1/saldo", &ana).await], [403, 429]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_document_tells_of_the_limit_where_there_is_one() {
        for (variables, told) in [(&[("RATE_LIMIT", "50")][..], true), (&[], false)] {
            let document = ask(&limited(variables), ANA, "/api/v1/openapi.json", &[]).await.body;
            let document: serde_json::Value = serde_json::from_str(&document).unwrap();
            for path in ["/api/v1/saldo", "/api/v1/tarifas"] {
                let refused = &document["paths"][path]["get"]["responses"]["429"];
                assert_eq!(refused.is_object(), told, "{path}: {refused}");
                assert_eq!(refused["headers"]["Retry-After"].is_object(), told);
            }
        }
    }
}
