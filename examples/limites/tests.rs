//! Clients of the service, over its own connections.

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use standards_axum::core::settings::Environment;
use tower::ServiceExt;

use super::*;

fn servicio(variables: &[(&str, &str)]) -> Router {
    rutas(Environment::from_pairs(variables.iter().copied()).settings().unwrap())
}

/// Status and body for a client that is connected from `peer` and says that it is asked by `way`.
async fn ask(router: &Router, peer: [u8; 4], way: &str) -> (u16, String) {
    let request = Request::get("/").extension(ConnectInfo(SocketAddr::from((peer, 50_000)))).header("x-forwarded-for", way);
    let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, body) = (answer.status().as_u16(), to_bytes(answer.into_body(), 1024).await.unwrap());
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn who_asks_too_often_is_told_to_wait_and_others_are_served() {
    let router = servicio(&[]);
    for _ in 0..5 {
        assert_eq!(ask(&router, [198, 51, 100, 7], "").await, (200, "Hola, 198.51.100.7".to_owned()));
    }
    let refusal = r#"{"success":false,"data":null,"errors":[{"code":"HTTP_ERROR","message":"Demasiadas solicitudes"}]}"#;
    assert_eq!(ask(&router, [198, 51, 100, 7], "").await, (429, refusal.to_owned()));
    assert_eq!(ask(&router, [198, 51, 100, 8], "").await.0, 200);
    tokio::time::advance(std::time::Duration::from_millis(500)).await;
    assert_eq!(ask(&router, [198, 51, 100, 7], "").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_trusted_proxy_speaks_for_its_clients() {
    let router = servicio(&[("RATE_LIMIT", "1"), ("TRUSTED_PROXIES", "10.0.0.1")]);
    let asked = async |peer, way| ask(&router, peer, way).await.0;
    assert_eq!([asked([10, 0, 0, 1], "1.1.1.1").await, asked([10, 0, 0, 1], "2.2.2.2").await], [200, 200]);
    assert_eq!([asked([10, 0, 0, 2], "3.3.3.3").await, asked([10, 0, 0, 2], "4.4.4.4").await], [200, 429]);
}

#[test]
fn a_slip_in_a_variable_is_told_by_its_name() {
    let problems = Environment::from_pairs([("RATE_LIMIT", "0")]).settings::<Ajustes>().unwrap_err();
    assert!(problems.to_string().starts_with("RATE_LIMIT: debe ser"), "{problems}");
}
