//! Filters that are lent, and return.

use serde_json::{Value, json};
use standards_core::log::capture::Capture;

use super::*;

async fn filter(service: &Running) -> String {
    service.get("/admin/log-level").await["filter"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_level_that_is_raised_returns_by_itself_and_says_so() {
    let _alone = alone().await;
    let (service, log, id) = (serve(Router::new()).await, Capture::of_process(), CorrelationId::generate());
    assert_eq!(service.get("/admin/log-level").await, json!({"filter": "debug", "returns_at": null}));
    let body = r#"{"filter":"debug,prueba::caja=trace","seconds":1}"#;
    let json = "content-type: application/json\r\n";
    let changed = send(service.admin, &id, "PUT /admin/log-level", json, body).await.data();
    assert_eq!(changed["filter"], "debug,prueba::caja=trace");
    assert_changed(&Capture::of(&id), &changed["returns_at"]);
    let returned = |record: &Value| record["message"] == "Filtro de log restablecido";
    let record = eventually(async || log.records().into_iter().find(returned)).await;
    assert_eq!((&record["level"], &record["context"]), (&"INFO".into(), &json!({"filters": "debug"})));
    assert_eq!(service.get("/admin/log-level").await, json!({"filter": "debug", "returns_at": null}));
    assert_eq!(service.end().await, Exit::Stopped);
}

/// The record of the change says who, what and until when; that of the request that it was served.
#[track_caller]
fn assert_changed(log: &Capture, returns_at: &Value) {
    let record = log.record("Filtro de log cambiado");
    assert_eq!((&record["level"], &record["method"]), (&"INFO".into(), &"PUT".into()));
    let told = &record["context"];
    assert!(told["by"].as_str().unwrap().starts_with("127.0.0.1:"), "{told}");
    let expected = json!({"filters": "debug,prueba::caja=trace", "filters_before": "debug", "for_seconds": 1});
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&told[name], value, "{name}");
    }
    assert_eq!(&told["returns_at"], returns_at);
    assert_eq!(log.record("Solicitud atendida")["level"], "INFO");
}

#[tokio::test]
async fn the_last_change_stands_and_is_the_one_that_returns() {
    let _alone = alone().await;
    let (service, log) = (serve(Router::new()).await, Capture::of_process());
    service.put_level(r#"{"filter":"debug,prueba::a=off"}"#).await.data();
    service.put_level(r#"{"filter":"debug,prueba::b=off","seconds":1}"#).await.data();
    assert_eq!(filter(&service).await, "debug,prueba::b=off");
    let returned = |record: &&Value| record["message"] == "Filtro de log restablecido";
    eventually(async || log.records().iter().find(returned).map(drop)).await;
    assert_eq!(filter(&service).await, "debug");
    assert_eq!(log.records().iter().filter(returned).count(), 1);
}

/// Without `seconds` it is ten minutes, and nobody can make it longer than a day.
const BAD: &[&str] = &[
    r#"{"filter":"debug,x=loud"}"#,
    r#"{"filter":"inf"}"#,
    r#"{"filter":""}"#,
    r#"{"filter":"info,"}"#,
    r#"{"filter":"[span]=debug"}"#,
    r#"{"filter":"a b=info"}"#,
    r#"{"filter":7}"#,
    r#"{"filter":null}"#,
    r#"{"filter":["info"]}"#,
    r#"{"seconds":5}"#,
    r#"{"filter":"info","seconds":0}"#,
    r#"{"filter":"info","seconds":-1}"#,
    r#"{"filter":"info","seconds":86401}"#,
    r#"{"filter":"info","seconds":99999999999999999999}"#,
    r#"{"filter":"info","seconds":1.5}"#,
    r#"{"filter":"info","seconds":"5"}"#,
    r#"{"filter":"info","seconds":null}"#,
    r#"{"filter":"info","filter":"debug"}"#,
    r#"{"filter":"info""#,
    "",
    "[]",
];

#[tokio::test]
async fn what_is_no_filter_and_no_time_changes_nothing() {
    let _alone = alone().await;
    let service = serve(Router::new()).await;
    let long = format!(r#"{{"filter":"info,{}=debug"}}"#, "x".repeat(1000));
    for body in BAD.iter().copied().chain([long.as_str()]) {
        service.put_level(body).await.assert_failure(422, "VALIDATION_ERROR");
        assert_eq!(service.get("/admin/log-level").await, json!({"filter": "debug", "returns_at": null}), "{body}");
    }
    let longest = format!(r#"{{"filter":"debug,{}=debug","seconds":1}}"#, "x".repeat(988));
    assert_eq!(service.put_level(&longest).await.status, 200);
    eventually(async || (filter(&service).await == "debug").then_some(())).await;
}
