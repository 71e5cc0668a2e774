//! A service as a process: how it starts, is told to stop, and hands over to the next.

mod child;
#[cfg(feature = "client")]
mod two_services;
mod upgrade;

use std::time::Instant;

use child::{CLOSING, Child, PATIENCE};

/// What it says of a second signal.
const SECOND: &str = "Segunda señal: el servicio termina sin esperar a nadie";

/// Variables that are wrong, and what the record then says.
#[cfg(feature = "tls")]
const WRONG: [(&[(&str, &str)], &str); 5] = [
    (&[("PORT", "abc")], "PORT: "),
    (&[("MAX_CONNECTIONS", "0")], "MAX_CONNECTIONS: debe ser un entero de 1 a 1000000"),
    (&[("TLS_CERT", "cert.pem")], "TLS_KEY: es obligatoria con TLS_CERT"),
    (&[("TLS_KEY", "key.pem")], "TLS_CERT: es obligatoria con TLS_KEY"),
    (&[("TLS_CERT", "no/cert.pem"), ("TLS_KEY", "no/key.pem")], "TLS_CERT: no se puede usar con TLS_KEY: certificate: "),
];

/// The same in a build that cannot encrypt.
#[cfg(not(feature = "tls"))]
const WRONG: [(&[(&str, &str)], &str); 3] = [
    (&[("PORT", "abc")], "PORT: "),
    (&[("MAX_CONNECTIONS", "0")], "MAX_CONNECTIONS: debe ser un entero de 1 a 1000000"),
    (&[("TLS_CERT", "cert.pem"), ("TLS_KEY", "key.pem")], "TLS_CERT: no se puede usar: el programa se compiló sin"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_is_told_under_the_services_own_name() {
    for (variables, problem) in WRONG {
        let named = [variables, &[("SERVICE_NAME", "ms-propio"), ("SERVICE_VERSION", "9.8.7")]].concat();
        let mut child = Child::start(&named, None);
        assert_eq!(child.ended().await, Some(2), "{problem}");
        let record = child.records().pop().unwrap();
        assert_eq!((&record["artifact"], &record["version"]), (&"ms-propio".into(), &"9.8.7".into()), "{record}");
        let told = record["context"]["problems"][0].as_str().unwrap();
        assert!(told.starts_with(problem) && !told.contains("no/"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_line_of_code_is_to_blame_for_a_variable_or_an_address() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (port, status, blamed) in [("abc", 2, "<configuration>"), (&port, 1, "<listener>")] {
        let mut child = Child::start(&[("PORT", port), ("RUST_BACKTRACE", "1")], None);
        assert_eq!(child.ended().await, Some(status), "{blamed}");
        let record = child.records().pop().unwrap();
        assert_eq!((&record["traceback"], &record["error"]["traceback"]), (&blamed.into(), &blamed.into()), "{record:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_of_a_variable_in_a_sentence() {
    let mut child = Child::start(&[("PORT", "abc"), ("LOG_FORMAT", "pretty"), ("RUST_BACKTRACE", "1")], None);
    assert_eq!(child.ended().await, Some(2));
    let log = child.log();
    let told: Vec<_> = log.lines().skip_while(|line| !line.contains("Configuración no válida")).take(3).map(str::trim).collect();
    let [record, error, blamed] = told[..] else { panic!("{log}") };
    assert!(record.contains("ERROR") && error.ends_with(": PORT: debe ser un entero de 0 a 65535"), "{log}");
    assert_eq!(blamed, "<configuration>");
    assert!(!log.contains("standards_axum::service"), "{log}");
}

#[cfg(all(feature = "auth", feature = "openapi"))]
#[tokio::test(flavor = "multi_thread")]
async fn operations_that_do_not_state_whom_they_are_for_keep_an_authenticated_service_from_starting() {
    let mut child = Child::start(&[("STANDARD_TEST_UNDECLARED", "1")], None);
    assert_eq!(child.ended().await, Some(2));
    let told: Vec<_> = child.records().into_iter().filter(|record| record["level"] == "ERROR").collect();
    let [record] = &told[..] else { panic!("{told:?}") };
    assert_eq!(record["message"], "Configuración no válida");
    let why = "la operación no declara scope ni public, y el servicio autentica a quien llama";
    let problems = ["leer_uno", "leer_tres"].map(|name| format!("{name}: {why}"));
    assert_eq!(record["context"]["problems"], serde_json::json!(problems));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manager_is_told_when_it_is_ready_and_when_it_stops() {
    let mut child = Child::start(&[], None);
    child.told("READY=1").await;
    child.address().await;
    child.signal("TERM");
    child.told("STOPPING=1").await;
    assert_eq!(child.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_that_watches_is_told_again_and_again_that_tasks_are_run() {
    let mut child = Child::start(&[("WATCHDOG_USEC", "100000")], None);
    for _ in 0..3 {
        child.told("WATCHDOG=1").await;
    }
    child.signal("TERM");
    child.told("STOPPING=1").await;
    assert_eq!(child.ended().await, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let mut child = Child::start(&[("SHUTDOWN_GRACE_MS", "600000"), ("REQUEST_TIMEOUT_MS", "600000")], None);
    child.told("READY=1").await;
    let (_client, begun) = (child.asked("/lenta").await, Instant::now());
    child.signal("TERM");
    child.told("STOPPING=1").await;
    assert_eq!(child.still_running(), None, "a request is in flight");
    child.signal("INT");
    assert_eq!(child.ended().await, Some(1));
    assert!(begun.elapsed() < PATIENCE);
    assert_eq!(child.records().pop().unwrap()["message"], SECOND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once_while_its_database_is_being_closed() {
    let mut child = Child::start(&[("STANDARD_TEST_CLOSING", "1"), ("SHUTDOWN_GRACE_MS", "600000")], None);
    child.told("READY=1").await;
    child.signal("TERM");
    child.logged(CLOSING).await;
    assert_eq!(child.still_running(), None);
    child.signal("TERM");
    assert_eq!(child.ended().await, Some(1));
    assert_eq!(child.records().pop().unwrap()["message"], SECOND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once_when_the_runtime_waits_for_what_was_cut_off() {
    let mut child = Child::start(&[("STANDARD_TEST_CLOSING", "1"), ("SHUTDOWN_GRACE_MS", "1")], None);
    child.told("READY=1").await;
    child.signal("TERM");
    child.logged("Servicio detenido").await;
    assert_eq!(child.still_running(), None, "the runtime waits for a thread");
    child.signal("INT");
    assert_eq!(child.ended().await, Some(1));
}
