//! What is sent, and what each answer becomes.

use super::*;

/// The first line of a request, its headers by name, and its body.
fn parts_of(sent: &str) -> (&str, Vec<&str>, &str) {
    let (head, body) = sent.split_once("\r\n\r\n").unwrap();
    let (first, headers) = head.split_once("\r\n").unwrap();
    let mut headers: Vec<_> = headers.lines().collect();
    headers.sort_unstable();
    (first, headers, body)
}

#[tokio::test]
async fn a_call_says_on_whose_behalf_it_is_made() {
    let stub = Stub::new([stub::json(200, FINE)]).await;
    let (request, _) = request();
    let (id, host) = (format!("x-correlation-id: {}", request.correlation_id()), format!("host: {}", stub.address));
    let call = stub.client().post("/clientes").query("correo", "a b&c").json(&json!({"nombre": "Ana"}));
    assert_eq!(context::scope(request, call.send::<u8>()).await.unwrap(), 7);
    let sent = stub.requests().remove(0);
    let expected = [
        "accept-encoding: identity",
        "accept-language: en",
        "accept: application/json",
        "content-length: 16",
        "content-type: application/json",
        &host,
        concat!("traceparent: ", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        &id,
    ];
    assert_eq!(parts_of(&sent), ("POST /clientes?correo=a%20b%26c HTTP/1.1", expected.to_vec(), r#"{"nombre":"Ana"}"#));
}

#[tokio::test]
async fn outside_of_a_request_the_process_calls() {
    let stub = Stub::new([stub::json(200, FINE)]).await;
    stub.client().get("/").send::<u8>().await.unwrap();
    let sent = stub.requests().remove(0);
    assert!(
        sent.contains(&format!("x-correlation-id: {}\r\n", context::process_id())) && !sent.contains("traceparent"),
        "{sent}"
    );
}

#[tokio::test]
async fn the_ids_are_the_request_s_whatever_a_call_says() {
    let stub = Stub::new([stub::json(200, FINE)]).await;
    let (request, _) = request();
    let id = request.correlation_id().to_string();
    let mut call = stub.client().get("/");
    for name in ["x-correlation-id", "traceparent", "accept-encoding"] {
        call = call.header(http::HeaderName::from_static(name), http::HeaderValue::from_static("gzip"));
    }
    context::scope(request, call.send::<u8>()).await.unwrap();
    let sent = stub.requests().remove(0);
    assert!(!sent.contains("gzip") && sent.contains(&id) && sent.contains(TRACE), "{sent}");
}

#[tokio::test]
async fn data_come_out_of_their_envelope() {
    assert_eq!(asked::<u8>(stub::json(200, FINE)).await.0.unwrap(), 7);
    assert_eq!(asked::<u8>(http(201, "Application/JSON; charset=utf-8", FINE)).await.0.unwrap(), 7);
    let null = FINE.replace('7', "null");
    asked::<()>(stub::json(200, &null)).await.0.unwrap();
    assert_eq!(asked::<Option<u8>>(stub::json(200, &null)).await.0.unwrap(), None);
    asked::<()>(Answer::Bytes(b"HTTP/1.1 204 X\r\n\r\n".to_vec())).await.0.unwrap();
    let text = FINE.replace('7', r#""\u00f1""#);
    assert_eq!(asked::<String>(stub::json(200, &text)).await.0.unwrap(), "ñ");
}

#[tokio::test]
async fn a_head_has_no_body_and_is_a_success_or_none() {
    let head = async |status| {
        let stub = Stub::new([stub::json(status, FINE)]).await;
        stub.client().with_attempts(1).request(http::Method::HEAD, "/x").send::<()>().await
    };
    head(200).await.unwrap();
    assert_eq!(reason_of(&head(404).await.unwrap_err()), Reason::Failed);
}

#[tokio::test]
async fn other_data_than_asked_for_are_told_without_them() {
    let (result, log) = asked::<u8>(stub::json(200, &FINE.replace('7', r#""Ana Perez""#))).await;
    let failure = result.unwrap_err();
    assert_eq!((reason_of(&failure), failure.entry().code), (Reason::OtherData, "SERVICE_UNAVAILABLE"));
    assert!(record_of(&log)["context"]["error"].as_str().unwrap().contains("Data at line 1 column"));
    assert!(!log.lines().concat().contains("Ana"));
    for (null, body) in [("null", FINE), ("300", FINE)].map(|(data, body)| (data, body.replace('7', data))) {
        assert_eq!(reason_of(&asked::<u8>(stub::json(200, &body)).await.0.unwrap_err()), Reason::OtherData, "{null}");
    }
}

/// The status and the code of the other service; those of the failure, and why.
const REFUSALS: &[(u16, &str, u16, &str, Reason)] = &[
    (404, "CLIENTE_NO_ENCONTRADO", 404, "CLIENTE_NO_ENCONTRADO", Reason::Refused),
    (400, "SALDO_INSUFICIENTE", 400, "SALDO_INSUFICIENTE", Reason::Refused),
    (403, "CLIENTE_BLOQUEADO", 403, "CLIENTE_BLOQUEADO", Reason::Refused),
    (409, "IDEMPOTENCY_EN_PROCESO", 409, "IDEMPOTENCY_EN_PROCESO", Reason::Refused),
    (422, "RUT_NO_VALIDO", 422, "RUT_NO_VALIDO", Reason::Refused),
    (400, "DOS__RAYAS", 400, "HTTP_ERROR", Reason::Refused),
    (404, "HTTP_ERROR", 500, "INTERNAL_ERROR", Reason::Misused),
    (405, "HTTP_ERROR", 500, "INTERNAL_ERROR", Reason::Misused),
    (422, "VALIDATION_ERROR", 500, "INTERNAL_ERROR", Reason::Misused),
    (401, "HTTP_ERROR", 503, "SERVICE_UNAVAILABLE", Reason::Failed),
    (401, "TOKEN_VENCIDO", 503, "SERVICE_UNAVAILABLE", Reason::Failed),
    (403, "HTTP_ERROR", 503, "SERVICE_UNAVAILABLE", Reason::Failed),
    (429, "HTTP_ERROR", 503, "SERVICE_UNAVAILABLE", Reason::Failed),
    (500, "INTERNAL_ERROR", 503, "SERVICE_UNAVAILABLE", Reason::Failed),
    (503, "AUSENTE", 503, "SERVICE_UNAVAILABLE", Reason::Failed),
];

#[tokio::test]
async fn a_refusal_keeps_its_code_and_nothing_of_its_text() {
    for (status, code, ours, told, reason) in REFUSALS {
        let (result, log) = asked::<u8>(refused(*status, code)).await;
        let failure = result.unwrap_err();
        assert_eq!(
            (failure.status().as_u16(), failure.entry().code, reason_of(&failure)),
            (*ours, *told, *reason),
            "{status} {code}"
        );
        let error = UpstreamError::of(&failure).unwrap();
        assert_eq!((error.status().unwrap().as_u16(), error.errors()[0].code.as_str()), (*status, *code));
        for language in [Language::Es, Language::En] {
            let body = serde_json::to_string(&failure.body(language)).unwrap();
            assert!(!body.contains("ajenas") && body.contains(told), "{body}");
        }
        let record = record_of(&log);
        assert_eq!((&record["level"], &record["context"]["error_code"]), (&json!("WARNING"), &json!(told)));
        assert_eq!(record["context"]["upstream_errors"], format!("{code}: palabras ajenas"));
    }
}

#[tokio::test]
async fn a_path_leads_nowhere_but_beneath_its_service() {
    let stub = Stub::new([stub::json(200, FINE)]).await;
    let client = stub.client();
    for path in ["/a/../b", "/a b", "/%2e%2e/b", "/a\r\nx: y", "/ñ\u{0}"] {
        let (result, log) = made(client.get(path).send::<u8>()).await;
        let failure = result.unwrap_err();
        assert_eq!((reason_of(&failure), failure.entry().code), (Reason::Unsendable, "INTERNAL_ERROR"), "{path:?}");
        assert_eq!(record_of(&log)["context"]["attempts"], 0);
    }
    let secret = <standards_core::settings::Secret as standards_core::settings::SettingValue>::parse("a\nb").unwrap();
    assert_eq!(reason_of(&client.get("/").bearer(&secret).send::<u8>().await.unwrap_err()), Reason::Unsendable);
    assert!(stub.requests().is_empty());
    client.get("//otro.example/@x").send::<u8>().await.unwrap();
    assert!(stub.requests()[0].starts_with("GET /otro.example/@x HTTP/1.1"));
}

#[tokio::test]
async fn a_service_of_tower_sends_to_its_own_service_alone() {
    use tower::ServiceExt;
    let stub = Stub::new([stub::json(404, FINE)]).await;
    let elsewhere = http::Request::get("http://otro.example:1/x?y=1").body(bytes::Bytes::new()).unwrap();
    let answer = stub.client().oneshot(elsewhere).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_ref()), (404, FINE.as_bytes()));
    assert!(stub.requests()[0].starts_with("GET /x?y=1 HTTP/1.1"));
}

#[tokio::test]
async fn a_failure_names_the_line_that_called() {
    let failure = asked::<u8>(refused(500, "INTERNAL_ERROR")).await.0.unwrap_err();
    assert!(failure.traceback().starts_with("<upstream clientes, called at ") && failure.traceback().contains("tests/mod.rs:"));
}
