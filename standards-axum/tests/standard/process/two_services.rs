//! A request through two services of ours, each a process of its own.

use axum::Router;
use axum::routing::get;
use serde_json::{Value, json};
use standards_axum::client::Client;
use standards_axum::url::Url;
use standards_axum::{ApiResult, ok};
use standards_core::settings::SettingValue;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::child::Child;

/// Names the service whose clientes are asked for.
const CLIENTES: &str = "STANDARD_TEST_CLIENTES";

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A cliente; and a compra of theirs, for which the other service is asked.
pub(super) fn routes() -> Router {
    let clientes = std::env::var(CLIENTES).ok().and_then(|url| Url::parse(&url));
    let clientes = clientes.map(|url: Url| Client::new("clientes", url).unwrap());
    let comprar = async move || -> ApiResult<i64> {
        let cliente: i64 = clientes.unwrap().get("/clientes/7").send().await?;
        ok(cliente * 6)
    };
    Router::new().route("/clientes/7", get(async || ok(7))).route("/compras/7", get(comprar))
}

/// The two of them, the one that is called first.
async fn services(variables: &[(&str, &str)]) -> [Child; 2] {
    let clientes = Child::start(&[variables, &[("SERVICE_NAME", "ms-clientes")]].concat(), None);
    let url = format!("http://{}", clientes.address().await);
    let compras = Child::start(&[variables, &[("SERVICE_NAME", "ms-compras"), (CLIENTES, &url)]].concat(), None);
    [clientes, compras]
}

/// What the second is answered, who asks under an id and a trace.
async fn ask(compras: &Child) -> String {
    let mut client = TcpStream::connect(compras.address().await).await.unwrap();
    let ids = format!("X-Correlation-ID: pedido-7\r\ntraceparent: 00-{TRACE}-{CALLER}-01\r\n");
    let request = format!("GET /compras/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{ids}\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The records of the request in the log of one of them; who reads a log sees it a moment later.
async fn records(service: &Child) -> Vec<Value> {
    service.logged("Solicitud atendida").await;
    let records = service.records().into_iter();
    records.filter(|record| record["correlation_id"] == "pedido-7").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_and_one_trace_are_in_the_records_of_both_processes() {
    let [clientes, compras] = services(&[]).await;
    let answer = ask(&compras).await;
    assert!(
        answer.contains(r#"{"success":true,"data":42,"errors":[]}"#) && answer.contains("x-correlation-id: pedido-7"),
        "{answer}"
    );
    let told = async |service: &Child| {
        let records = records(service).await.into_iter();
        let told =
            |record: Value| json!([record["artifact"], record["endpoint"], record["message"], record["context"]["trace_id"]]);
        records.map(told).collect::<Vec<_>>()
    };
    let (called, attended) = ("Llamada atendida", "Solicitud atendida");
    assert_eq!(told(&clientes).await, [json!(["ms-clientes", "/clientes/7", attended, TRACE])]);
    let expected = [called, attended].map(|message| json!(["ms-compras", "/compras/7", message, TRACE]));
    assert_eq!(told(&compras).await, expected);
}

#[cfg(all(feature = "otel", feature = "testkit"))]
#[tokio::test(flavor = "multi_thread")]
async fn one_tree_of_spans_goes_through_both_processes() {
    use standards_axum::testing::StubUpstream;

    use crate::spans::exported::exported;

    let collector = StubUpstream::answering(|| ()).await;
    let mut services = services(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url())]).await;
    ask(&services[1]).await;
    let told = [records(&services[0]).await, records(&services[1]).await].map(|mut records| records.pop().unwrap());
    for service in &mut services {
        service.signal("TERM");
        assert_eq!(service.ended().await, Some(0));
    }
    let mut spans: Vec<_> = collector.sent().iter().flat_map(|sent| exported(&sent.body)).collect();
    spans.sort_by_key(|span| span.times[0]);
    let [compra, call, cliente] = &spans[..] else { panic!("{spans:#?}") };
    assert_eq!([&compra.parent, &call.parent, &cliente.parent], [CALLER, &compra.id, &call.id]);
    assert!(spans.iter().all(|span| span.trace == TRACE));
    let named = |span: &crate::spans::exported::Exported| json!([span.resource["service.name"], span.name, span.kind]);
    assert_eq!(named(compra), json!(["ms-compras", "GET /compras/7", "server"]));
    assert_eq!(named(call), json!(["ms-compras", "GET", "client"]));
    assert_eq!(named(cliente), json!(["ms-clientes", "GET /clientes/7", "server"]));
    // Each access record is of its service's own span.
    assert_eq!([&told[0], &told[1]].map(|record| &record["context"]["span_id"]), [&json!(cliente.id), &json!(compra.id)]);
}
