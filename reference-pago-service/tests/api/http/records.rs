//! F1 to F12 on the real binary, where the log of a process tells more than that of a request: what is sent in headers, targets and
//! bodies leaves no trace that it must not leave.

use serde_json::Value;

use super::process::SQLITE;
use super::service::ServiceProcess;
use super::socket::post_with;
use crate::auth::VARIABLES;
use crate::auth::tokens::signer::with_claims;
use crate::support::http::{CLIENTES, PAGOS};

/// Headers with a secret each, and what no record needs.
fn telling(token: &str) -> String {
    let agent = "a".repeat(10_000);
    format!(
        "Authorization: Bearer {token}\r\nCookie: sesion=canario-cookie\r\nUser-Agent: Canario-Agente/{agent}\r\n\
         Referer: https://a.cl/?t=canario-referer\r\nX-Api-Key: canario-api\r\nIdempotency-Key: canario-clave\r\n"
    )
}

/// F8 and F10: a word for each place where a secret stands, and none of them in a log of everything.
#[tokio::test]
async fn a_log_of_everything_holds_no_secret() {
    let service = ServiceProcess::start(&[&VARIABLES[..], &[SQLITE[0], ("LOG_LEVEL", "trace")]].concat()).await;
    let token = with_claims(&serde_json::json!({"scope": "clientes:write pagos:write"}));
    let headers = telling(&token);
    let good = r#"{"nombre":"Canario Rojas","email":"canario@x.cl","saldo":"1.00","password":"canario-password"}"#;
    let bad = r#"{"cliente_id":1,"monto":"canario-monto","tarjeta":"4539578763621486"}"#;
    for (path, body, status) in [(format!("{CLIENTES}?token=canario-consulta"), good, 200), (PAGOS.to_owned(), bad, 422)] {
        assert_eq!(service.connect().await.ask(post_with(&path, &headers, body)).await.status, status, "{path}");
    }
    assert_eq!(service.status("/health/live").await, 200);
    let exit = service.stop();
    assert!(exit.records().iter().any(|record| record["level"] == "DEBUG"));
    let signature = token.rsplit_once('.').unwrap().1.to_lowercase();
    for word in ["canario", "4539578763621486", &signature, "aaaaaaaaaa", VARIABLES[0].1] {
        let told: Vec<_> = exit.stdout.lines().filter(|line| line.to_lowercase().contains(word)).collect();
        assert!(told.is_empty(), "{word}: {told:#?}");
    }
}

/// F6 and F7: one record for each request, with the target as it was sent and no query.
#[tokio::test]
async fn what_would_break_a_line_does_not() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    for target in ["/%1b%5b2J%0d%0a", "/%00", "/a%0a{\"level\":\"ERROR\"}", "/nada?x=%0a{}"] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        assert_eq!(service.connect().await.ask(request).await.status, 404, "{target}");
    }
    for email in [r"x\u001b]0;pwn\u0007@y.cl", r#"\n{\"level\":\"ERROR\"}@y.cl"#] {
        let body = format!(r#"{{"nombre":"Ana","email":"{email}"}}"#);
        assert_eq!(service.connect().await.ask(post_with(CLIENTES, "", &body)).await.status, 422, "{email}");
    }
    let exit = service.stop();
    let records = exit.records();
    let access: Vec<&Value> = records.iter().filter(|record| record["context"]["status"].is_u64()).collect();
    let endpoints: Vec<_> = access.iter().map(|record| record["endpoint"].as_str().unwrap()).collect();
    assert_eq!(endpoints, ["/%1b%5b2J%0d%0a", "/%00", "/a%0a{\"level\":\"ERROR\"}", "/nada", CLIENTES, CLIENTES]);
    assert!(access.iter().all(|record| record["level"] == "WARNING") && !exit.stdout.contains("pwn"), "{}", exit.stdout);
}

/// F1, F2, F11 and F12: the records of a request have its id, and come in their order.
#[tokio::test]
async fn the_records_of_a_request_are_told_in_order_under_its_id() {
    let service = ServiceProcess::on_sqlite(&[]).await;
    let body = r#"{"nombre":"Ana","email":"ana@x.cl"}"#;
    let named = service.connect().await.ask(post_with(CLIENTES, "X-Correlation-ID: abc-123-def-456\r\n", body)).await;
    assert_eq!((named.status, named.header("x-correlation-id")), (200, Some("abc-123-def-456")));
    let unnamed = service.connect().await.ask(post_with(PAGOS, "", r#"{"cliente_id":1,"monto":"5"}"#)).await;
    let id = unnamed.header("x-correlation-id").unwrap().to_owned();
    assert_eq!((unnamed.status, id.len()), (400, 36));
    let records = service.stop().records();
    for (id, levels) in [("abc-123-def-456", &["INFO"][..]), (id.as_str(), &["INFO", "WARNING"][..])] {
        let own: Vec<&Value> = records.iter().filter(|record| record["correlation_id"] == id).collect();
        assert!(own.len() > 1 && own.is_sorted_by_key(|record| record["@timestamp"].as_str()), "{own:#?}");
        assert!(own.iter().all(|record| levels.contains(&record["level"].as_str().unwrap())), "{own:#?}");
        assert!(own.iter().all(|record| record.get("traceback").is_none()), "{own:#?}");
    }
}
