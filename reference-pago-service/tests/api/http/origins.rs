//! I1 to I5 against the real binary: which pages may call, and what every answer carries.

use super::process::SQLITE;
use super::service::{ServiceProcess, run};
use super::socket::{Answer, post};
use crate::support::http::{CLIENTES, PAGOS};

const GOOD: &str = "https://good.cl";
const ALLOWED: (&str, &str) = ("ALLOWED_HOSTS", "[\"https://good.cl\"]");

async fn ask(service: &ServiceProcess, method: &str, path: &str, lines: &str) -> Answer {
    service.connect().await.ask(format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{lines}\r\n")).await
}

fn preflight(origin: &str, verb: &str, more: &str) -> String {
    format!("Origin: {origin}\r\nAccess-Control-Request-Method: {verb}\r\n{more}")
}

/// Origins that are like the allowed one, and are not it.
const STRANGERS: [&str; 14] = [
    "https://evil.cl",
    "null",
    "https://good.cl.evil.cl",
    "https://evilgood.cl",
    "https://good.cl:444",
    "https://good.cl:443",
    "http://good.cl",
    "HTTPS://GOOD.CL",
    "https://good.cl/",
    "https://good.cl@evil.cl",
    "https://good.cl, https://evil.cl",
    "https://sub.good.cl",
    "*",
    "",
];

/// I2.
#[tokio::test]
async fn a_page_from_elsewhere_gets_no_leave() {
    let service = ServiceProcess::on_sqlite(&[ALLOWED]).await;
    for origin in STRANGERS {
        for (method, lines) in [("GET", format!("Origin: {origin}\r\n")), ("OPTIONS", preflight(origin, "POST", ""))] {
            let answer = ask(&service, method, PAGOS, &lines).await;
            assert_eq!(answer.header("access-control-allow-origin"), None, "{method} {origin}: {}", answer.head);
        }
    }
    let twice = ask(&service, "GET", PAGOS, &format!("Origin: {GOOD}\r\nOrigin: https://evil.cl\r\n")).await;
    assert_ne!(twice.header("access-control-allow-origin"), Some("https://evil.cl"));
}

/// I3: what may be asked for is the service's list, whatever the page would like.
#[tokio::test]
async fn a_preflight_is_not_answered_with_its_own_words() {
    let service = ServiceProcess::on_sqlite(&[ALLOWED]).await;
    let names: Vec<_> = (0..100).map(|number| format!("x-raro-{number}")).collect();
    let long = format!("Access-Control-Request-Headers: {}\r\n", names.join(","));
    let many: String = (0..90).map(|number| format!("X-Raro-{number}: 1\r\n")).collect();
    let raro = "Access-Control-Request-Headers: x-raro-0\r\n";
    for (verb, more) in [("POST", long.as_str()), ("PAGAR", ""), ("POST", raro), ("TRACE", many.as_str())] {
        let answer = ask(&service, "OPTIONS", PAGOS, &preflight(GOOD, verb, more)).await;
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET,POST,PUT,DELETE"), "{verb}: {}", answer.head);
        assert!(!answer.head.to_ascii_lowercase().contains("x-raro"), "{more}: {}", answer.head);
    }
    // Past a hundred headers the parser refuses.
    let refused = ask(&service, "OPTIONS", PAGOS, &preflight(GOOD, "POST", &many.repeat(2))).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (431, None));
}

/// I4: a page may read failures too, and no cache gives one page's answer to another.
#[tokio::test]
async fn every_answer_to_an_allowed_page_may_be_read_by_it_alone() {
    let variables = [&crate::auth::VARIABLES[..], &[SQLITE[0], ALLOWED]].concat();
    let service = ServiceProcess::start(&variables).await;
    let origin = format!("Origin: {GOOD}\r\n");
    for (method, path, status) in [
        ("GET", "/health/live", 200),
        ("GET", PAGOS, 401),
        ("GET", "/nada", 404),
        ("PATCH", PAGOS, 405),
        ("GET", "/api/v1/openapi.json", 200),
    ] {
        let answer = ask(&service, method, path, &origin).await;
        let told = ["access-control-allow-origin", "access-control-allow-credentials"].map(|name| answer.header(name));
        assert_eq!((answer.status, told), (status, [Some(GOOD), Some("true")]), "{path}");
        assert_vary(&answer);
        // A cache must know that the answer depends on who asks, though nobody did.
        assert_vary(&ask(&service, method, path, "").await);
    }
    let allowed = ask(&service, "OPTIONS", PAGOS, &preflight(GOOD, "POST", "")).await;
    assert_eq!((allowed.status, allowed.header("access-control-allow-origin")), (200, Some(GOOD)));
}

#[track_caller]
fn assert_vary(answer: &Answer) {
    let vary = answer.header("vary").unwrap_or_default().to_ascii_lowercase();
    assert!(vary.split(',').any(|name| name.trim() == "origin"), "{}", answer.head);
}

/// I1: any page, and so none with credentials; or a setting that is refused with a sentence.
#[tokio::test]
async fn any_page_is_allowed_without_credentials() {
    for setting in ["*", "[\"*\"]"] {
        let service = ServiceProcess::on_sqlite(&[("ALLOWED_HOSTS", setting)]).await;
        let answer = ask(&service, "GET", PAGOS, "Origin: https://evil.cl\r\n").await;
        let told = ["access-control-allow-origin", "access-control-allow-credentials"].map(|name| answer.header(name));
        assert_eq!(told, [Some("*"), None], "{setting}");
    }
    for setting in
        ["*,https://good.cl", "https://*.good.cl", "good.cl", "[\"*\", \"https://good.cl\"]", "https://good.cl/ruta", "[*]"]
    {
        let exit = run(&[], &[SQLITE[0], ("PORT", "0"), ("ALLOWED_HOSTS", setting)]);
        let problems = exit.records()[0]["context"]["problems"][0].as_str().unwrap().to_owned();
        assert!(
            exit.status == Some(2) && problems.starts_with("ALLOWED_HOSTS: debe ser una lista de orígenes"),
            "{setting}: {problems}"
        );
    }
}

/// Requests for money and for nothing, and how they end.
fn asked() -> [(String, u16); 8] {
    let to = |verb: &str, path: &str| format!("{verb} {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    [
        (post(CLIENTES, r#"{"nombre":"Ana","email":"ana@x.cl","saldo":"100.00"}"#), 200),
        (post(PAGOS, r#"{"cliente_id":1,"monto":"1.00"}"#), 200),
        (post(PAGOS, "{"), 422),
        (post(PAGOS, &"x".repeat(17_000)), 413),
        (to("GET", "/api/v1/pagos/1"), 200),
        (to("GET", "/api/v1/clientes/1"), 200),
        (to("DELETE", PAGOS), 405),
        (to("GET", "/nada"), 404),
    ]
}

/// I5: whoever asks, whatever comes of it.
#[tokio::test]
async fn every_answer_carries_the_headers_of_the_standard() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    for (request, status) in asked() {
        let answer = service.connect().await.ask(&request).await;
        assert_eq!((answer.status, answer.header("cache-control")), (status, Some("no-store")), "{request}: {}", answer.head);
        assert_plain(&answer);
    }
    for path in ["/health/live", "/health/ready", "/docs/", "/api/v1/openapi.json"] {
        let answer = ask(&service, "GET", path, "").await;
        assert_eq!(answer.status, 200, "{path}");
        assert_plain(&answer);
    }
}

/// No guessing at its type, and nothing of what made it.
#[track_caller]
fn assert_plain(answer: &Answer) {
    let told = ["x-content-type-options", "server", "x-powered-by"].map(|name| answer.header(name));
    assert_eq!(told, [Some("nosniff"), None, None], "{}", answer.head);
}
