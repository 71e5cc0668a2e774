//! Fields that stand in every record of a request: added by hand, or by spans.

use serde_json::{Value as Json, json};
use standards_core::context::{self, WithContext};
use standards_core::log::{LogFormat, LogLevel, Record, Sensitive, StructuredLogger};
use tracing::field::Empty;
use tracing::{Instrument, info, info_span};

use crate::support::{lines_with, options, record, request};

/// The `context` of every record that `work` writes inside a request.
fn contexts(work: impl FnOnce()) -> Vec<Json> {
    let lines = lines_with(&options(), || context::sync_scope(request("a"), work));
    lines.iter().map(|line| serde_json::from_str::<Json>(line).unwrap()["context"].clone()).collect()
}

#[test]
fn an_added_field_stands_in_every_record_from_then_on() {
    let contexts = contexts(|| {
        info!("antes");
        context::add("cliente_id", 7);
        info!(monto = "1.00", "después");
        log_in_other_ways();
        std::thread::spawn(context::wrap(|| info!("hilo"))).join().unwrap();
    });
    let added = json!({"cliente_id": 7});
    assert_eq!(contexts[..4], [Json::Null, json!({"monto": "1.00", "cliente_id": 7}), added.clone(), added.clone()]);
    assert_eq!(contexts.len(), 4);
}

fn log_in_other_ways() {
    StructuredLogger::new("caja").info("clase", ());
    Record::new(LogLevel::Info, "registro").emit();
}

#[test]
fn the_last_value_of_a_name_stays_and_the_records_own_goes_before_it() {
    let contexts = contexts(|| {
        context::add("cliente_id", 1);
        context::add("cliente.id", 2);
        context::add(String::from("cliente_id"), 3);
        info!("a");
        info!(cliente_id = 9, "b");
    });
    assert_eq!(contexts, [json!({"cliente_id": 3}), json!({"cliente_id": 9})]);
}

#[test]
fn an_added_field_is_masked_and_mended_as_any_other() {
    let record = record(|| {
        context::sync_scope(request("a"), || {
            context::add("password", "hunter2");
            context::add("tarjeta", Sensitive::new("visa"));
            context::add("nota", "pagó con 4111 1111 1111 1111");
            context::add("user.name", "x");
            context::add("folio", u64::MAX);
            info!(user = "y", "a");
        });
    });
    let text = record["context"].to_string();
    assert!(!text.contains("hunter2") && !text.contains("visa") && !text.contains("4111 1111"), "{text}");
    assert_eq!(record["context"]["user"], "y");
    assert_eq!(record["context"]["user_name"], "x");
    assert_eq!(record["context"]["folio"], u64::MAX.to_string());
}

#[test]
fn what_is_added_has_bounds() {
    let contexts = contexts(|| {
        context::add("largo", "x".repeat(1025));
        context::add("lista", vec![0; 1000]);
        context::add("n".repeat(129), 1);
        for number in 0..40 {
            context::add(format!("campo_{number}"), number);
        }
        info!("a");
        info!("b");
    });
    assert_eq!(contexts[0], contexts[1]);
    assert_eq!(contexts[0]["largo"], "…[+1025 bytes]");
    assert_eq!(contexts[0]["campo_30"], 30);
    assert_eq!(contexts[0]["campo_31"], Json::Null);
    // The list, the long name, and nine of the forty.
    assert_eq!(contexts[0]["omitted_fields"], 11);
}

#[test]
fn every_form_of_the_log_has_them() {
    for format in [LogFormat::Json, LogFormat::Ecs, LogFormat::Pretty] {
        let lines = lines_with(&options().with_format(format), || {
            context::sync_scope(request("a"), || {
                context::add("cliente_id", 7);
                info_span!("pago", pago_id = 5).in_scope(|| info!("x"));
            });
        });
        let text = lines[0].replace(['"', ':', '='], "");
        assert!(text.contains("cliente_id7") && text.contains("pago_id5"), "{}", lines[0]);
    }
}

#[test]
fn requests_share_nothing_and_nothing_is_added_outside_of_one() {
    context::add("cliente_id", 7);
    let lines = lines_with(&options(), || {
        context::sync_scope(request("a"), || context::add("cliente_id", 1));
        context::sync_scope(request("b"), || info!("b"));
        info!("ninguna");
    });
    assert!(!lines.concat().contains("cliente_id"), "{lines:#?}");
}

#[test]
fn fields_of_the_first_span_stand_in_every_record_and_of_others_within() {
    let contexts = contexts(|| {
        let span = info_span!("cobrar", cliente_id = 7, canal = %"web", pago_id = Empty, message = "no es un campo");
        span.in_scope(|| {
            info!("a");
            span.record("pago_id", 5);
            info_span!("debitar", cliente_id = 8).in_scope(|| info!(monto = "1.00", "b"));
            log_in_other_ways();
            info!(pago_id = 6, "c");
        });
        info_span!("avisar", aviso_id = 9).in_scope(|| info!("d"));
        info!("e");
    });
    let all = json!({"cliente_id": 7, "canal": "web", "pago_id": 5});
    let inner = json!({"monto": "1.00", "cliente_id": 8, "canal": "web", "pago_id": 5});
    let first = json!({"cliente_id": 7, "canal": "web"});
    let own = json!({"cliente_id": 7, "canal": "web", "pago_id": 6});
    let notified = json!({"aviso_id": 9, "cliente_id": 7, "canal": "web", "pago_id": 5});
    assert_eq!(contexts, [first, inner, all.clone(), all.clone(), own, notified, all]);
}

#[test]
fn spans_go_before_what_was_added() {
    let contexts = contexts(|| {
        context::add("cliente_id", 1);
        info_span!("cobrar", cliente_id = 7).in_scope(|| info!("a"));
    });
    assert_eq!(contexts, [json!({"cliente_id": 7})]);
}

#[test]
fn fields_of_a_span_are_masked_and_bounded() {
    let contexts = contexts(|| {
        let _span = info_span!("cobrar", password = "hunter2", cuerpo = "x".repeat(2000)).entered();
        info!("a");
    });
    assert_eq!(contexts[0]["cuerpo"], "…[+2000 bytes]");
    assert!(!contexts[0].to_string().contains("hunter2"));
}

#[test]
fn fields_of_a_librarys_span_stay_out() {
    let lines = lines_with(&options(), || {
        context::sync_scope(request("a"), || {
            // As in a dependency: its target, and the file as the compiler names it there.
            let span = foreign::span();
            span.in_scope(|| info!("a"));
        });
    });
    assert!(!lines[0].contains("uri"), "{}", lines[0]);
}

mod foreign {
    /// The standard's own packages are dependencies of a service as others are.
    pub(super) fn span() -> tracing::Span {
        tracing::info_span!(target: "standards_axum::layers", "request", uri = "/x?y")
    }
}

#[test]
fn a_span_of_one_request_says_nothing_of_another() {
    let lines = lines_with(&options(), || {
        let _worker = info_span!("lote", lote_id = 3).entered();
        info!("proceso");
        context::sync_scope(request("a"), || {
            let _pago = info_span!("pago", pago_id = 4).entered();
            context::sync_scope(request("b"), || {
                info!("b");
                info_span!("caja", caja_id = 5).in_scope(|| info!("b"));
            });
            info!("a");
        });
    });
    let contexts: Vec<Json> = lines.iter().map(|line| serde_json::from_str::<Json>(line).unwrap()["context"].clone()).collect();
    assert_eq!(contexts, [json!({"lote_id": 3}), Json::Null, json!({"caja_id": 5}), json!({"pago_id": 4})]);
}

#[tokio::test]
async fn spans_go_with_the_task() {
    let work = async {
        let span = info_span!("cobrar", cliente_id = 7);
        async { context::spawn(async { info!("tarea") }.with_context()).await.unwrap() }.instrument(span).await;
    };
    let lines = crate::support::Lines::default();
    let layer = standards_core::log::RecordLayer::new(&options(), lines.clone());
    let log = tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), layer);
    let _log = tracing::subscriber::set_default(log);
    context::scope(request("a"), work).await;
    assert!(lines.all()[0].contains(r#""context":{"cliente_id":7}"#), "{:?}", lines.all());
}
