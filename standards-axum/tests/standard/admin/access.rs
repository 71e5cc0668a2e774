//! Who may ask, where the listener is not this machine's alone.

use standards_axum::auth::{AuthSettings, Grant};
use standards_axum::ok;
use standards_axum::openapi::{ApiRouter, Operation};

use super::*;

const EVERYWHERE: &str = "0.0.0.0:0";

fn auth() -> AuthSettings {
    let variables = [("SECRET_KEY", "a-key-of-at-least-32-bytes-for-tests"), ("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a")];
    Environment::from_pairs(variables).settings().unwrap()
}

fn bearer(grant: &Grant) -> String {
    format!("authorization: Bearer {}\r\n", auth().issue(grant).unwrap())
}

async fn serve_at(admin: &str) -> Running {
    let api = ApiRouter::new().operation(Operation::get("/saldo", "leer_saldo").scope("saldos:read"), async || ok(7));
    let service = Service::new(service_info!(), settings(admin)).api(api);
    serve_with(service.authenticated(auth().authenticator().unwrap())).await
}

#[tokio::test]
async fn without_a_valid_token_every_answer_is_one_and_the_same_401() {
    let _alone = alone().await;
    let service = serve_at(EVERYWHERE).await;
    let (valid, forged) = (bearer(&Grant::new("ana").with_scope("admin")), bearer(&Grant::new("ana").with_scope("admin")));
    let forged = format!("{}x\r\n", forged.trim_end());
    let tokens = ["", "authorization: Bearer x.y.z\r\n", "authorization: Basic YTpi\r\n", &forged, &[valid.as_str(); 2].concat()];
    let mut bodies = std::collections::BTreeSet::new();
    for request in
        ["GET /admin/config", "GET /admin/log-level", "PUT /admin/log-level", "GET /admin/nada", "DELETE /admin", "GET /"]
    {
        for token in tokens {
            let answer = service.ask(request, token, r#"{"filter":"off"}"#).await;
            answer.assert_failure(401, "HTTP_ERROR");
            assert!(answer.head.contains("www-authenticate: bearer"), "{}", answer.head);
            bodies.insert((answer.body, answer.head.lines().count()));
        }
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    assert_eq!(service.ask("GET /admin/log-level", &valid, "").await.data()["filter"], "debug");
}

#[tokio::test]
async fn a_token_needs_the_scope_and_names_who_changes_something() {
    let _alone = alone().await;
    let service = serve_at(EVERYWHERE).await;
    let other = bearer(&Grant::new("ana").with_scope("saldos:read administrador"));
    service.ask("GET /admin/config", &other, "").await.assert_failure(403, "HTTP_ERROR");
    let (id, admin) = (CorrelationId::generate(), bearer(&Grant::new("ana").with_scope("admin")));
    let headers = format!("{admin}content-type: application/json\r\n");
    let body = r#"{"filter":"debug","seconds":1}"#;
    send(service.admin, &id, "PUT /admin/log-level", &headers, body).await.data();
    assert_eq!(Capture::of(&id).record("Filtro de log cambiado")["context"]["by"], "ana");
    let returned = async || service.ask("GET /admin/log-level", &admin, "").await.data()["returns_at"].is_null();
    eventually(async || returned().await.then_some(())).await;
}

#[tokio::test]
async fn on_this_machine_no_token_is_needed_but_a_wrong_one_is_refused() {
    let service = serve_at(LOCAL).await;
    assert_eq!(service.ask("GET /admin/layers", "", "").await.status, 200);
    service.ask("GET /admin/layers", "authorization: Bearer x.y.z\r\n", "").await.assert_failure(401, "HTTP_ERROR");
    let admin = bearer(&Grant::new("ana").with_scope("admin"));
    assert_eq!(service.ask("GET /admin/layers", &admin, "").await.status, 200);
}

#[tokio::test]
async fn who_verifies_no_tokens_serves_operators_on_this_machine_only() {
    install_log();
    let listener = TcpListener::bind(LOCAL).await.unwrap();
    let service = Service::new(service_info!(), settings(EVERYWHERE));
    assert_eq!(service.run_on(listener, async {}).await, Exit::Misconfigured);
    let problems = Environment::from_pairs([("ADMIN_ADDR", "0.0.0.0:9000")]).settings::<AuthSettings>().unwrap_err();
    let told = "ADMIN_ADDR: debe ser una dirección de loopback mientras no haya SECRET_KEY ni JWKS_URL";
    assert_eq!(problems.to_string(), told);
}
