//! Whom an operation is for: stated once, enforced and shown.

use http::request::Parts;
use http::{Method, Request};
use serde_json::json;
use standards_core::settings::Environment;
use standards_core::{ErrorStatus, Failure};

use super::*;
use crate::auth::{AuthSettings, Authenticator, Caller, Grant};
use crate::layers::{GuardLayer, Priority};

const KEY: &str = "a-key-of-at-least-32-bytes-for-tests";
const OTHER_KEY: &str = "another-key-of-at-least-32-bytes-for-tests";

fn settings(key: &str) -> AuthSettings {
    let variables = [("SECRET_KEY", key), ("JWT_ISSUER", "https://login.example"), ("JWT_AUDIENCE", "pagos")];
    Environment::from_pairs(variables).settings().unwrap()
}

fn authenticator(key: &str) -> Authenticator {
    Authenticator::new(&settings(key)).unwrap()
}

fn stated() -> ApiRouter {
    let list = Operation::get("/pagos", "listar_pagos").scope("pagos:read").priority(Priority::Low);
    ApiRouter::new()
        .operation(list, async || ok(()))
        .operation(Operation::post("/pagos", "procesar_pago").scope("pagos:write"), async || ok(()))
        .operation(Operation::get("/tarifas", "listar_tarifas").public(), async || ok(()))
}

/// Every way in which operations and their authenticator come together.
fn arrangements() -> [(&'static str, ApiRouter); 6] {
    let by = || authenticator(KEY);
    [
        ("after", stated().authenticated(by())),
        ("before", ApiRouter::new().authenticated(by()).merge(stated())),
        ("merged", ApiRouter::new().merge(stated().authenticated(by()))),
        ("nested", ApiRouter::new().authenticated(by()).nest("/", ApiRouter::new().merge(stated()).with_state(()))),
        ("mapped", stated().map_router(|router| router).authenticated(by())),
        ("layered", stated().layer(marked()).authenticated(by())),
    ]
}

fn asking(method: &Method, path: &str, token: Option<&str>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    let request = token.into_iter().fold(request, |request, token| request.header("authorization", format!("Bearer {token}")));
    request.body(Body::empty()).unwrap()
}

async fn status(router: &axum::Router, method: Method, path: &str, token: Option<&str>) -> u16 {
    router.clone().oneshot(asking(&method, path, token)).await.unwrap().status().as_u16()
}

/// Without a token, with the scope of reading, with that of writing.
const ANSWERS: [(Method, &str, [u16; 3]); 8] = [
    (Method::GET, "/pagos", [401, 200, 403]),
    (Method::HEAD, "/pagos", [401, 200, 403]),
    (Method::POST, "/pagos", [401, 403, 200]),
    (Method::GET, "/tarifas", [200, 200, 200]),
    // No operation of this verb, none of this path: nothing to be let into.
    (Method::DELETE, "/pagos", [405, 405, 405]),
    (Method::OPTIONS, "/pagos", [405, 405, 405]),
    (Method::POST, "/tarifas", [405, 405, 405]),
    (Method::GET, "/nada", [404, 404, 404]),
];

#[tokio::test]
async fn what_is_stated_is_enforced_wherever_the_authenticator_is_given() {
    let token = |scope| settings(KEY).issue(&Grant::new("ana").with_scope(scope)).unwrap();
    let (reads, writes) = (token("pagos:read"), token("x pagos:write"));
    for (arrangement, api) in arrangements() {
        let (router, _) = api.into_parts();
        for (method, path, expected) in ANSWERS {
            let mut answered = Vec::new();
            for token in [None, Some(&*reads), Some(&*writes)] {
                answered.push(status(&router, method.clone(), path, token).await);
            }
            assert_eq!(answered, expected, "{arrangement}: {method} {path}");
        }
    }
}

#[test]
fn the_document_shows_what_is_enforced_and_nothing_else() {
    for (arrangement, api) in arrangements() {
        assert!(api.catalogue().iter().any(|entry| entry.status == ErrorStatus::FORBIDDEN), "{arrangement}");
        let document = serde_json::to_value(api.into_parts().1).unwrap();
        let scheme = &document["components"]["securitySchemes"]["bearer"];
        assert_eq!([&scheme["type"], &scheme["scheme"], &scheme["bearerFormat"]], ["http", "bearer", "JWT"], "{arrangement}");
        let paths = &document["paths"];
        assert_eq!(paths["/pagos"]["get"]["security"], json!([{"bearer": ["pagos:read"]}]), "{arrangement}");
        assert_eq!(paths["/pagos"]["post"]["security"], json!([{"bearer": ["pagos:write"]}]), "{arrangement}");
        for status in ["401", "403"] {
            assert!(paths["/pagos"]["post"]["responses"][status].is_object(), "{arrangement}");
            assert!(paths["/tarifas"]["get"]["responses"][status].is_null(), "{arrangement}");
        }
        assert!(paths["/tarifas"]["get"]["security"].is_null(), "{arrangement}");
    }
}

#[tokio::test]
async fn without_an_authenticator_nobody_is_asked_and_the_document_shows_no_scope() {
    for api in [stated(), stated().authenticated(None)] {
        let (router, document) = api.into_parts();
        assert_eq!(status(&router, Method::POST, "/pagos", None).await, 200);
        let document = serde_json::to_string(&document).unwrap();
        assert!(["security", "pagos:read", "401", "403"].iter().all(|text| !document.contains(text)), "{document}");
    }
}

#[tokio::test]
async fn a_router_keeps_its_own_authenticator() {
    let own = ApiRouter::new().operation(Operation::get("/propia", "propia").scope("x"), async || ok(()));
    let api = stated().authenticated(authenticator(KEY)).merge(own.authenticated(authenticator(OTHER_KEY)));
    let (router, _) = api.into_parts();
    for (key, expected) in [(KEY, [401, 200]), (OTHER_KEY, [200, 401])] {
        let token = settings(key).issue(&Grant::new("ana").with_scope("x pagos:read")).unwrap();
        let answered = [
            status(&router, Method::GET, "/propia", Some(&token)).await,
            status(&router, Method::GET, "/pagos", Some(&token)).await,
        ];
        assert_eq!(answered, expected);
    }
}

#[tokio::test]
async fn layers_and_handlers_know_the_caller() {
    let known = |head: &Parts| match head.extensions.get::<Caller>() {
        Some(caller) if caller.subject() == "ana" => Ok(()),
        _ => Err(Failure::http(ErrorStatus::CONFLICT).into()),
    };
    let who = async |caller: Caller| ok(caller.subject().to_owned());
    let api: ApiRouter = ApiRouter::new().operation(Operation::get("/yo", "yo").scope("yo"), who);
    let (router, _) = api.layer(GuardLayer::new(known)).authenticated(authenticator(KEY)).into_parts();
    for (subject, expected) in [("ana", 200), ("eva", 409)] {
        let token = settings(KEY).issue(&Grant::new(subject).with_scope("yo")).unwrap();
        assert_eq!(status(&router, Method::GET, "/yo", Some(&token)).await, expected, "{subject}");
    }
}

#[test]
#[should_panic(expected = "listar_pagos: la operación no declara scope ni public")]
fn an_operation_that_states_neither_is_not_served() {
    let api: ApiRouter = ApiRouter::new().operation(Operation::get("/pagos", "listar_pagos"), async || ok(()));
    let _ = api.authenticated(authenticator(KEY)).into_parts();
}

#[test]
fn a_scope_is_one_name() {
    for scope in ["", "pagos:read pagos:write", "pagos\tread", "\"pagos\"", "pagos\\read", "añadir"] {
        let refused = std::panic::catch_unwind(|| Operation::get("/", "leer").scope(scope));
        assert!(refused.is_err(), "{scope:?}");
    }
    let _ = Operation::get("/", "leer").scope("https://api.example/pagos.read");
}
