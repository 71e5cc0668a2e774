//! Three times more than the service can do, at a fixed rate.
//!
//! What limits it is the database, which takes fifty milliseconds for each commit, as one does that replicates to another place. A service that
//! the processor limits pays in fifty microseconds; two cores cannot make three times that load, carry it and answer it.
//!
//! First the peak is found by a closed loop; then as much as the service does with ease is sent at a fixed rate, which tells what is normal;
//! then three times the peak, while somebody asks whether the service lives; then, from one moment to the next, the normal load again.
//! Where h2load is installed, it sends three times the peak too, so that the refusals' time is told by a tool that is not of this repository.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::bench::Bench;
use crate::connection::Connection;
use crate::figures::{Round, Rounds};
use crate::flood::{Flood, Sample};
use crate::h2load;
use crate::ledger::{self, Books};
use crate::load::Load;
use crate::outcome::{Outcome, say};
use crate::payment::Payers;
use crate::report::{Report, Target};
use crate::service::Running;
use crate::tally::Tally;

/// Each commit takes fifty milliseconds, whoever else commits.
const SLOW: &str = "do $$ begin
    execute format('alter database %I set commit_delay = 50000', current_database());
    execute format('alter database %I set commit_siblings = 0', current_database());
end $$";
/// Connections of the closed loop: enough for batches that are full, however many are being answered.
const CLOSED: u64 = 768;
/// More than may be in flight (`MAX_IN_FLIGHT`, 1024), so that there is something to refuse.
const FLOOD: u32 = 2048;
/// More than wait for an answer at the normal load.
const NORMAL: u32 = 256;
/// The normal load, as a part of the peak.
const EASE: f64 = 0.4;
const OVERLOAD: f64 = 3.0;
/// One of the slices of time after the overload that are looked at for themselves.
const SLICE: Duration = Duration::from_millis(100);
/// What is normal again takes at most so many times what it took before.
const NORMAL_FACTOR: f64 = 2.0;
const PROBE_INTERVAL: Duration = Duration::from_millis(20);
const PROBE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/// What one service did.
struct Figures {
    peak: f64,
    good: Round,
    refused: Round,
    /// Of 100 requests of the load 99 were sent so soon after they were due.
    late: Duration,
    /// The refusals as h2load sees them, where it is installed.
    told: Option<Round>,
    live: Vec<Duration>,
    recovery: Duration,
}

/// One service for all phases, and its books are checked at the end.
pub(crate) async fn measure(bench: &Bench, report: &mut Report) -> Outcome<()> {
    let database = bench.server.create("overload").await?;
    ledger::prepare(&database).await?;
    sqlx::raw_sql(SLOW).execute(&mut database.connect().await?).await?;
    let (figures, tally) = phases(bench, &database.url).await?;
    Books::read(&mut database.connect().await?).await?.verify(0, &tally)?;
    database.remove().await?;
    tell(report, &figures);
    Ok(())
}

async fn phases(bench: &Bench, url: &str) -> Outcome<(Figures, Tally)> {
    let (service, mut tally, time) = (Running::start(bench, url, Stdio::null()).await?, Tally::default(), bench.options.round());
    let peak = peak(&service, time, &mut tally).await?;
    let normal = || flood(&service, NORMAL, EASE * peak, time);
    let before = counted(normal().open().await?.run().await?, &mut tally);
    let over = flood(&service, FLOOD, OVERLOAD * peak, time).open().await?;
    let again = async {
        sleep(time).await;
        let ended = Instant::now();
        let ready = normal().open().await?;
        Outcome::Ok((ended.elapsed(), ready.run().await?))
    };
    let (flooded, live, after) = tokio::join!(over.run(), probe(&service, time), again);
    let (flooded, (opening, after), seconds) = (counted(flooded?, &mut tally), after?, time.as_secs_f64());
    let after = counted(after, &mut tally);
    let recovery = opening.saturating_add(recovery(&after, NORMAL_FACTOR * round(&before, 200, seconds).p99_us));
    let (good, refused) = (round(&answered_within(time, &flooded), 200, seconds), round(&flooded, 503, seconds));
    let (late, told) = (p99_late(&flooded), refusals_told(bench, &service, peak, &mut tally).await?);
    Ok((Figures { peak, good, refused, late, told, live: live?, recovery }, tally))
}

/// What is answered after the end is no throughput of the time before it.
fn answered_within(time: Duration, samples: &[Sample]) -> Vec<Sample> {
    samples.iter().filter(|sample| sample.due + sample.took < time).copied().collect()
}

/// The most payments a second.
async fn peak(service: &Running, duration: Duration, tally: &mut Tally) -> Outcome<f64> {
    let load = Load { address: service.address, requests: Payers::Spread.requests(), connections: CLOSED, duration };
    let (paid, round) = load.run().await?;
    say(format_args!("overload: {:.0}/s by {CLOSED} connections in a closed loop", round.per_second));
    tally.add(paid);
    Ok(round.per_second)
}

fn flood(service: &Running, connections: u32, per_second: f64, duration: Duration) -> Flood {
    let requests = Arc::new(Payers::Spread.requests());
    Flood { address: service.address, requests, connections, per_second, duration }
}

/// The refusals at the same rate as h2load tells them.
async fn refusals_told(bench: &Bench, service: &Running, peak: f64, tally: &mut Tally) -> Outcome<Option<Round>> {
    if !h2load::is_installed() {
        return Ok(None);
    }
    let (address, duration) = (service.address, bench.options.round());
    let call = h2load::Call { address, connections: FLOOD, per_second: OVERLOAD * peak, duration };
    let samples = counted(h2load::run(bench, &call).await?, tally);
    Ok(Some(round(&samples, 503, duration.as_secs_f64())))
}

/// Asks whether the service lives, on a connection of its own; how long each answer took from when it was due.
async fn probe(service: &Running, duration: Duration) -> Outcome<Vec<Duration>> {
    let (mut connection, start) = (Connection::open(service.address).await?, Instant::now());
    let (mut due, mut took) = (Duration::ZERO, Vec::new());
    while due < duration {
        sleep_until(start + due).await;
        let answer = connection.exchange(PROBE).await?;
        if answer.status != 200 {
            return Err(format!("the service was not alive: {}", answer.text()).into());
        }
        took.push(start.elapsed().saturating_sub(due));
        due += PROBE_INTERVAL;
    }
    Ok(took)
}

/// The samples, whose payments are in the books from now on.
fn counted(samples: Vec<Sample>, tally: &mut Tally) -> Vec<Sample> {
    let paid = samples.iter().filter(|sample| sample.status == 200).count() as u64;
    tally.acknowledged += paid;
    tally.unavailable += samples.len() as u64 - paid;
    samples
}

/// The figures of those with this status.
fn round(samples: &[Sample], status: u16, seconds: f64) -> Round {
    let of_status = samples.iter().filter(|sample| sample.status == status);
    Round::of_latencies(of_status.map(|sample| u32::try_from(sample.took.as_micros()).unwrap_or(u32::MAX)).collect(), seconds)
}

/// How late the load was: a figure near that of the refusals says that the load was measured.
fn p99_late(samples: &[Sample]) -> Duration {
    let mut late: Vec<Duration> = samples.iter().map(|sample| sample.late).collect();
    late.sort_unstable();
    late.get(late.len() * 99 / 100).copied().unwrap_or_default()
}

/// When the first slice began in which all were paid and 99 of 100 within `normal_us`; the end, where there was none.
fn recovery(samples: &[Sample], normal_us: f64) -> Duration {
    let last = samples.iter().map(|sample| sample.due).max().unwrap_or_default();
    let is_normal = |begin: &Duration| {
        let slice: Vec<Sample> =
            samples.iter().filter(|sample| (*begin..*begin + SLICE).contains(&sample.due)).copied().collect();
        slice.iter().all(|sample| sample.status == 200) && round(&slice, 200, SLICE.as_secs_f64()).p99_us <= normal_us
    };
    let mut slices = (0_u32..).map(|slice| slice * SLICE).take_while(|begin| *begin <= last);
    slices.find(is_normal).unwrap_or(last)
}

fn tell(report: &mut Report, figures: &Figures) {
    let Figures { peak, good, refused, late, told, live, recovery } = figures;
    let name = |what: &str| format!("3 x overload: {what}");
    let slowest = live.iter().max().copied().unwrap_or(Duration::MAX);
    report.figure(&name("goodput / peak"), good.per_second / peak, Target::at_least(0.9));
    report.figure(&name("refusals, p99 ms"), refused.p99_us / 1e3, Target::at_most(20.0));
    report.note(format!(
        "3 x overload: 99 of 100 requests were sent within {:.1} ms of when they were due.",
        late.as_secs_f64() * 1e3
    ));
    match told {
        Some(told) => report.figure(&name("refusals as h2load tells, p99 ms"), told.p99_us / 1e3, Target::at_most(20.0)),
        None => report.note("h2load (nghttp2) is not installed: no other tool has sent the overload.".to_owned()),
    }
    report.figure(&name("/health/live, slowest, ms"), slowest.as_secs_f64() * 1e3, Target::at_most(50.0));
    report.figure(&name("normal again after, s"), recovery.as_secs_f64(), Target::at_most(1.0));
    for (what, round) in [("paid", good), ("refused", refused)] {
        let mut rounds = Rounds::default();
        rounds.add(*round);
        report.run(&format!("3 x {peak:.0}/s, a commit takes 50 ms"), what, &rounds);
    }
}
