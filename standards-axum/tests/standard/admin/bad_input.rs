//! What operators should not send, and how much of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use standards_axum::Readiness;

use super::*;

#[tokio::test]
async fn routes_verbs_and_bodies_that_are_not_meant_are_refused_in_the_envelope() {
    let service = serve(Router::new()).await;
    for path in ["/", "/admin", "/admin/", "/admin/nada", "/health/ready", "/metrics/"] {
        service.ask(&format!("GET {path}"), "", "").await.assert_failure(404, "HTTP_ERROR");
    }
    let metrics = cfg!(feature = "metrics").then_some("POST /metrics");
    for request in ["DELETE /admin/log-level", "POST /admin/log-level", "PUT /admin/config"].into_iter().chain(metrics) {
        let answer = service.ask(request, "", "").await;
        answer.assert_failure(405, "HTTP_ERROR");
        assert!(answer.head.contains("allow: get"), "{}", answer.head);
    }
    let text = service.ask("PUT /admin/log-level", "content-type: text/plain\r\n", r#"{"filter":"off"}"#).await;
    text.assert_failure(415, "HTTP_ERROR");
    service.put_level(&format!(r#"{{"filter":"off","x":"{}"}}"#, "x".repeat(5000))).await.assert_failure(413, "HTTP_ERROR");
}

#[tokio::test]
async fn a_page_of_the_web_that_names_this_machine_is_refused() {
    let service = serve(Router::new()).await;
    let mut stream = TcpStream::connect(service.admin).await.unwrap();
    stream.write_all(b"GET /admin/config HTTP/1.1\r\nhost: evil.example:9000\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 403 "), "{text}");
}

#[tokio::test]
async fn the_services_own_port_has_none_of_it() {
    let service = serve(Router::new()).await;
    for request in ["GET /admin/config", "GET /admin/log-level", "PUT /admin/log-level", "GET /admin/requests"] {
        let answer = send(service.main, &CorrelationId::generate(), request, "", "").await;
        answer.assert_failure(404, "HTTP_ERROR");
    }
}

#[tokio::test]
async fn a_hundred_at_once_are_all_answered_and_ask_the_dependencies_once() {
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    let readiness = Readiness::default().with_check("db", move || {
        count.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok(()))
    });
    let service = serve_with(Service::new(service_info!(), settings(LOCAL)).readiness(readiness)).await;
    let begun = Instant::now();
    let answers = (0..100).map(|_| service.get("/admin/health"));
    for health in futures_util::future::join_all(answers).await {
        assert_eq!((&health[0]["name"], &health[0]["status"]), (&"db".into(), &"ok".into()));
    }
    // An answer stands for a second.
    assert!(asked.load(Ordering::Relaxed) <= 1 + begun.elapsed().as_secs());
}

#[tokio::test]
async fn an_address_that_is_taken_ends_the_service_before_it_serves() {
    install_log();
    let taken = TcpListener::bind(LOCAL).await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let listener = TcpListener::bind(LOCAL).await.unwrap();
    let service = Service::new(service_info!(), settings(&address));
    assert_eq!(service.run_on(listener, async {}).await, Exit::Failed);
}

#[test]
fn operators_are_not_served_on_the_services_own_address() {
    let problem = |host: &str, admin: &str| {
        let variables = [("HOST", host), ("PORT", "8000"), ("ADMIN_ADDR", admin)];
        Environment::from_pairs(variables).settings::<StandardSettings>().err().map(|problems| problems.to_string())
    };
    let same = Some("ADMIN_ADDR: debe ser otra dirección que la de HOST y PORT".to_owned());
    for (host, admin) in [("127.0.0.1", "127.0.0.1:8000"), ("0.0.0.0", "127.0.0.1:8000"), ("127.0.0.1", "0.0.0.0:8000")] {
        assert_eq!(problem(host, admin), same, "{host} {admin}");
    }
    assert_eq!(problem("127.0.0.1", "127.0.0.1:8001"), None);
    assert_eq!(problem("127.0.0.1", "127.0.0.2:8000"), None);
    for admin in ["", "9000", "localhost:9000", "127.0.0.1", "127.0.0.1:70000"] {
        let told = problem("127.0.0.1", admin).unwrap();
        assert_eq!(told, "ADMIN_ADDR: debe ser una dirección IP con su puerto (127.0.0.1:9000)", "{admin:?}");
    }
}
