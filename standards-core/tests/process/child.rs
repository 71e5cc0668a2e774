//! The scenes, as the child plays them.

use std::fmt;
use std::time::{Duration, Instant};

use standards_core::log::{self, DirectSink, LevelFilter, LogGuard, LogLevel, LogOptions, Record, RecordLayer};
use standards_core::{CorrelationId, RequestContext, context};
use tracing::{debug, error, info, trace};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What must never be seen again.
pub(crate) const CANARIES: &[&str] = &[
    "4111111111111111",
    "4111 1111 1111 1111",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ",
    "Bearer canary-7d1f-canary",
    "postgres://canary:canary-7d1f@db/x",
    "canary@example.com",
    "password=canary-7d1f",
];

pub(crate) fn play(scene: &str) {
    match scene {
        "everything" => everything(),
        "lost guard" => lost_guard(),
        "re-entrant" => re_entrant(),
        "flood" => flood(),
        "stuck" => stuck(),
        "off" => off(),
        "levels" => levels(),
        "last panic" => last_panic(),
        "canaries" => canaries(),
        "our layer" => our_layer(),
        "foreign subscriber" => foreign_subscriber(),
        "no log" => no_log(),
        other => panic!("no scene {other}"),
    }
}

fn start(filters: &str) -> LogGuard {
    log::init(&options(filters)).unwrap()
}

fn options(filters: &str) -> LogOptions {
    LogOptions::new("process", "1.0.0").with_filters(filters.parse().unwrap())
}

fn in_request(id: &str, work: impl FnOnce()) {
    context::sync_scope(RequestContext::new(CorrelationId::parse(id).unwrap(), "/x", "GET"), work);
}

fn everything() {
    let _log = start("trace");
    info!("evento");
    ::log::warn!(target: "tercero", "de otra biblioteca");
    std::thread::spawn(|| panic!("en un hilo")).join().unwrap_err();
    in_request("pedido-1", || {
        std::panic::catch_unwind(|| panic!("en un pedido")).unwrap_err();
    });
    log::init(&options("info")).unwrap_err();
    Record::new(LogLevel::Info, "último").emit();
}

fn lost_guard() {
    let _ = start("info");
    for n in 0..1_000 {
        info!(n, "línea");
    }
}

struct Loud;

impl fmt::Debug for Loud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!("dentro");
        Record::new(LogLevel::Info, "y otra vez").emit();
        f.write_str("ruidoso")
    }
}

struct Endless;

impl fmt::Debug for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!(endless = ?Endless, "sin fin");
        f.write_str("infinito")
    }
}

struct Bomb;

impl fmt::Debug for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("bomba")
    }
}

fn re_entrant() {
    let _log = start("info");
    info!(valor = ?Loud, "fuera");
    info!(valor = ?Endless, "primero");
    info!(bomba = ?Bomb, después = 1, "sobrevive");
}

/// Writes far more than the pipe and the queue hold while nobody reads, and says at the end how long the slowest record took.
fn flood() {
    let log = log::init(&options("info").with_buffer_bytes(256 * 1024)).unwrap();
    let mut slowest = Duration::ZERO;
    for n in 0..100_000 {
        let start = Instant::now();
        info!(n, "inundación");
        slowest = slowest.max(start.elapsed());
        if n % 1_000 == 0 {
            error!(n, "grave");
        }
    }
    // The parent reads once this file is there; a pipe would be one more thing to block.
    std::fs::write(std::env::var("STANDARDS_LOG_SIGNAL").unwrap(), "flooded").unwrap();
    assert!(log.handle().flush(Duration::from_secs(20)));
    let dropped = log.handle().dropped();
    #[expect(clippy::cast_possible_truncation, reason = "a few milliseconds")]
    let slowest_ms = slowest.as_millis() as u64;
    info!(dropped = dropped.total(), dropped_error = dropped.error, slowest_ms, "fin");
}

fn stuck() {
    let _log = start("info");
    for n in 0..100_000 {
        info!(n, "nadie lee");
    }
}

fn off() {
    let _log = start("off,visible=info");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let request = RequestContext::new(CorrelationId::parse("pedido-2").unwrap(), "/x", "GET");
    runtime.block_on(context::scope(request, async {
        error!("invisible");
        info!(target: "visible", "en la tarea");
        let span = tracing::Span::current();
        std::thread::spawn(move || span.in_scope(|| info!(target: "visible", "en un hilo ajeno"))).join().unwrap();
    }));
}

fn levels() {
    let log = start("info");
    let detail = || debug!("detalle");
    detail();
    log.handle().set_level("process::child", LevelFilter::DEBUG, Some(Duration::from_millis(300)));
    detail();
    std::thread::sleep(Duration::from_millis(900));
    detail();
    log.handle().set_level("", LevelFilter::TRACE, None);
    trace!("todo");
    ::log::trace!("todo también");
    log.handle().reset_level("");
    detail();
}

fn last_panic() {
    let _ = start("info");
    panic!("el final");
}

fn panic_in_a_thread() {
    std::thread::spawn(|| panic!("en un hilo")).join().unwrap_err();
}

fn our_layer() {
    let layer = RecordLayer::new(&options("info"), DirectSink::new(std::io::stdout()));
    tracing_subscriber::registry().with(layer).init();
    log::install_panic_hook();
    info!("evento");
    ::log::warn!(target: "tercero", "de otra biblioteca");
    ::log::debug!(target: "tercero", "por debajo del nivel");
    panic_in_a_thread();
    let failure = standards_core::catch_panic(|| panic!("atrapado")).unwrap_err();
    Record::new(LogLevel::Error, "atrapado").failure(&failure).emit();
}

fn foreign_subscriber() {
    tracing_subscriber::fmt().with_ansi(false).init();
    log::install_panic_hook();
    Record::new(LogLevel::Info, "a mano").emit();
    panic_in_a_thread();
}

fn no_log() {
    log::install_panic_hook();
    panic_in_a_thread();
}

#[derive(Debug)]
#[expect(dead_code, reason = "shown by Debug")]
struct Cliente {
    nombre: &'static str,
    email: &'static str,
}

/// Plants a canary wherever one can stand. 100,000 lines.
fn canaries() {
    let _log = log::init(&options("trace").with_buffer_bytes(256 << 20)).unwrap();
    for n in 0..14_000 {
        let canary = CANARIES[n % CANARIES.len()];
        let request = RequestContext::new(CorrelationId::generate(), &format!("/clientes/{canary}"), canary);
        context::sync_scope(request, || plant(canary));
    }
}

fn plant(canary: &'static str) {
    info!(campo = canary, otro = %canary, tercero = ?Some(canary), "con {canary} dentro");
    trace!(password = "canary-7d1f", email = "canary@example", n = 4_111_111_111_111_111_u64, "claves");
    ::log::debug!(target: "hyper::proto", "Authorization: {canary}; url https://canary:canary-7d1f@host/?token=canary-7d1f");
    info!(cliente = ?Cliente { nombre: "canary-7d1f", email: "canary@example.com" }, "objeto");
    Record::new(LogLevel::Info, canary).field(canary, canary).field("lista", vec![canary, canary]).emit();
    let error = std::io::Error::other(canary);
    Record::new(LogLevel::Error, "falla").error(&error).emit();
    Record::new(LogLevel::Warning, "falla").error(&error).emit();
    let _ = std::panic::catch_unwind(|| panic!("{canary}"));
}
