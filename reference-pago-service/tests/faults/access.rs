//! How the service reaches its database: encryption, sockets, several servers, settings of the session.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use reference_pago_service::database::{Database, DatabaseOptions, ErrorKind};
use tokio::net::TcpListener;

use crate::support::{Base, REFUSED, ServiceProcess, Trial, alone, refusal, shared};

async fn open(url: &str) -> Database {
    let url = url.parse().unwrap_or_else(|error| panic!("{url}: {error}"));
    Database::open(&url, &DatabaseOptions::default()).await.unwrap()
}

/// What a new session answers.
async fn asked(url: &str, question: &'static str) -> Result<String, sqlx::Error> {
    let Database::Postgres(postgres) = open(url).await else { panic!("not PostgreSQL") };
    sqlx::query_scalar(question).fetch_one(&mut postgres.connect().await?).await
}

const ENCRYPTED: &str = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()";

fn url_of(base: &Base, host: &str, parameters: &str) -> String {
    let Base::Postgres { name, port } = base else { panic!("not PostgreSQL") };
    format!("postgres://pagos@{host}:{port}/{name}?{parameters}")
}

async fn assert_encrypted(base: &Base, host: &str, parameters: &str, expected: &str) {
    let told = asked(&url_of(base, host, parameters), ENCRYPTED).await;
    assert_eq!(told.unwrap_or_else(|error| panic!("{parameters}: {error}")), expected, "{parameters}");
}

/// The connection is refused, and so is the start of the service: nobody waits for a certificate to change.
async fn assert_not_trusted(base: &Base, host: &str, parameters: &str) {
    let url = url_of(base, host, parameters);
    asked(&url, ENCRYPTED).await.expect_err(parameters);
    let error = open(&url).await.ping().await.unwrap_err();
    assert_eq!((error.kind(), error.error_type()), (ErrorKind::Unavailable, "TlsFailed"), "{parameters}: {error:?}");
    let (status, log) = refusal(&url).await;
    assert!(status == Some(1) && (log.contains("TLS") || log.contains("certificate")), "{parameters}: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_encrypted_is_encrypted_and_verified() {
    let Some(server) = alone().await else { return };
    let base = server.database().await;
    let without = "127.0.0.1";
    assert_encrypted(&base, without, "", "false").await;
    assert_not_trusted(&base, without, "ssl=true").await;
    let Some((ca, another)) = server.encrypt("IP:127.0.0.1").await else { return };
    for parameters in ["", "ssl=true", "sslmode=require", "sslMode=require", "ssl=require", "sslmode=prefer"] {
        assert_encrypted(&base, "127.0.0.1", parameters, "true").await;
    }
    for mode in ["sslmode=verify-full", "sslMode=verify-full", "sslmode=verify-ca", "ssl=true", "sslmode=require"] {
        assert_encrypted(&base, "127.0.0.1", &format!("{mode}&sslrootcert={ca}"), "true").await;
        assert_not_trusted(&base, "127.0.0.1", &format!("{mode}&sslrootcert={another}")).await;
    }
    assert_encrypted(&base, "127.0.0.1", "sslmode=disable", "false").await;
    // Its certificate names the address and no other host.
    assert_encrypted(&base, "localhost", &format!("sslmode=verify-ca&sslrootcert={ca}"), "true").await;
    assert_not_trusted(&base, "localhost", &format!("sslmode=verify-full&sslrootcert={ca}")).await;
    assert_not_trusted(&base, "127.0.0.1", "sslmode=verify-full").await;
}

/// Ways to write where a database is: its name, the server's port, the directory of its socket, and that percent-encoded.
const FORMS: [&str; 11] = [
    "postgresql://pagos@127.0.0.1:PORT/NAME\n",
    "postgres://pagos@localhost:PORT/NAME",
    "postgres:///NAME?host=SOCKET&port=PORT&user=pagos",
    "postgres://pagos@ENCODED:PORT/NAME",
    "postgres://pagos@/NAME?host=SOCKET&port=PORT",
    "postgres://localhost:PORT/otra?host=ENCODED&user=pagos&dbname=NAME",
    "postgres://pagos@nadie.invalid:PORT/NAME?hostaddr=127.0.0.1",
    "postgres://pagos@127.0.0.1:1,127.0.0.1:PORT/NAME?target_session_attrs=read-write",
    "postgres://pagos@localhost:1,localhost:PORT/NAME?target_session_attrs=read-write",
    "postgres://pagos@/NAME?host=SOCKET,127.0.0.1&port=1,PORT&target_session_attrs=primary",
    "postgres://pagos@127.0.0.1:PORT/NAME?connect_timeout=5&application_name=caja&channel_binding=prefer",
];

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_a_url_reach_the_server() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let (port, socket) = (server.port().to_string(), server.socket());
    let mut forms = FORMS.to_vec();
    // Not every machine has it.
    if std::net::TcpStream::connect(("::1", server.port())).is_ok() {
        forms.push("postgres://pagos@[::1]:PORT/NAME");
    }
    for form in forms {
        let form = form.replace("PORT", &port).replace("NAME", base.name());
        let url = form.replace("SOCKET", &socket).replace("ENCODED", &socket.replace('/', "%2F"));
        let told = asked(&url, "select current_user || ' ' || current_database()").await;
        assert_eq!(told.unwrap_or_else(|error| panic!("{url}: {error}")), format!("pagos {}", base.name()), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_in_the_url_are_those_of_the_session() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    base.execute("create schema caja authorization pagos; create schema \"Mis pagos\" authorization pagos").await;
    for (parameters, question, expected) in [
        ("search_path=caja,public", "select current_schema()::text", "caja"),
        ("currentSchema=caja", "select current_schema()::text", "caja"),
        ("schema=Mis%20pagos", "select current_schema()::text", "Mis pagos"),
        ("options=-c%20work_mem%3D8MB", "show work_mem", "8MB"),
        ("options[work_mem]=8MB", "show work_mem", "8MB"),
        ("application_name=caja", "show application_name", "caja"),
        ("", "show application_name", "reference-pago-service"),
    ] {
        let told = asked(&url_of(&base, "127.0.0.1", parameters), question).await.unwrap();
        assert_eq!(told, expected, "{parameters}");
    }
    let database = open(&url_of(&base, "127.0.0.1", "search_path=caja")).await;
    database.migrate_up().await.unwrap();
    let place = asked(&base.url(), "select relnamespace::regnamespace::text from pg_class where relname = 'pagos'").await;
    assert_eq!(place.unwrap(), "caja");
}

/// A server that takes connections and never says a word.
async fn silent() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_does_not_keep_from_the_next_one() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    let silent = silent().await;
    let silent_port = silent.local_addr().unwrap().port();
    let hosts = format!("127.0.0.1:{silent_port},127.0.0.1:{}", server.port());
    let url = format!("postgres://pagos@{hosts}/{}?target_session_attrs=read-write", base.name());
    let service = ServiceProcess::start(&url).await;
    let mut trial = Trial::with(base, service).await;
    trial.load().await;
    trial.end("a silent server beside the one that answers", REFUSED).await;
}

/// What has a process take a file for the names of this machine; `None` with a notice for whoever may not.
fn by_names_of(file: &Path) -> Option<String> {
    let script = format!("mount --bind {} /etc/hosts", file.display());
    let tried = Command::new("unshare").args(["-m", "sh", "-c", &script]).output();
    if tried.is_ok_and(|output| output.status.success()) {
        return Some(format!("exec unshare -m sh -c '{script} && exec \"$0\"' \"$0\""));
    }
    eprintln!("SKIPPED: only root can give a name two addresses");
    None
}

/// One is silent; the search asks both at once.
#[tokio::test(flavor = "multi_thread")]
async fn each_address_of_a_name_is_asked() {
    let (directory, Some(server)) = (tempfile::tempdir().unwrap(), shared().await) else { return };
    let names = directory.path().join("hosts");
    fs::write(&names, "127.0.0.2 par.interno\n127.0.0.1 par.interno\n").unwrap();
    let Some(script) = by_names_of(&names) else { return };
    let base = server.database().await;
    let _silent = TcpListener::bind(("127.0.0.2", server.port())).await.unwrap();
    let url = url_of(&base, "par.interno", "target_session_attrs=read-write");
    let mut trial = Trial::with(base, ServiceProcess::start_by(&script, &url).await).await;
    trial.load().await;
    trial.end("a name with a silent address beside the one that answers", REFUSED).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_timeout_ends_an_attempt() {
    let silent = silent().await;
    let port = silent.local_addr().unwrap().port();
    let begun = Instant::now();
    asked(&format!("postgres://pagos@127.0.0.1:{port}/x?connect_timeout=1"), "select 'x'").await.unwrap_err();
    assert!((1..10).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_reads_is_not_taken_where_one_that_writes_is_asked_for() {
    let Some(server) = shared().await else { return };
    let base = server.database().await;
    base.execute(format!("alter database {} set default_transaction_read_only = on", base.name())).await;
    assert_eq!(asked(&url_of(&base, "127.0.0.1", "target_session_attrs=any"), "select 'x'").await.unwrap(), "x");
    assert_eq!(asked(&url_of(&base, "127.0.0.1", "target_session_attrs=primary"), "select 'x'").await.unwrap(), "x");
    let error = open(&url_of(&base, "127.0.0.1", "target_session_attrs=read-write")).await.ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
