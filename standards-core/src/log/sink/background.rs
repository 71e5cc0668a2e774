//! The sink of a service: a thread of its own writes, and nobody ever waits for it.

use std::io::{ErrorKind, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queue::{Lines, Queue, RecordCounts};
use super::{Line, LineSink};
use crate::level::LogLevel;

/// How long the writer gathers lines before it writes them together.
const GATHER: Duration = Duration::from_millis(5);

/// How often it looks for more after the last line, before it sleeps until a line wakes it. While it looks, no request pays for that.
const LINGER: u32 = 4;

/// A pause after a writer that must not block had no room.
const ROOM_PAUSE: Duration = Duration::from_millis(1);

/// As many bytes are written at once, without gathering more.
const ENOUGH: usize = 64 * 1024;

/// Memory that the writer keeps between floods.
const KEPT_MEMORY: usize = 2 * 1024 * 1024;

/// How long each of the last lines may take, once the guard is gone.
const LAST_PATIENCE: Duration = Duration::from_millis(100);

/// What is written in the place of records that were dropped: one record that tells how many.
pub(in crate::log) type Report = Box<dyn Fn(RecordCounts) -> Vec<u8> + Send>;

/// Hands lines to a thread that writes them. [`init`](crate::log::init) uses it on standard output.
///
/// A slow or blocked reader costs no request any time, only records: the queue is bounded, the least urgent are dropped first, and
/// how many is told as soon as the reader goes on.
///
/// ```
/// use standards_core::log::{BackgroundSink, LogOptions, RecordLayer};
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let options = LogOptions::new("ms-pago-service", "1.2.3");
/// let layer = RecordLayer::new(&options, BackgroundSink::start(&options, std::io::sink())?);
/// tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || tracing::info!("Servicio iniciado"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct BackgroundSink(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// There is something to write, or reason to hurry.
    work: Condvar,
    /// Something was written.
    progress: Condvar,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    /// All that was queued since the start, or found no room.
    records: RecordCounts,
    /// All that was dropped since the start.
    dropped: RecordCounts,
    /// How many lines were queued, and how many of those have left the queue for good.
    queued: u64,
    settled: u64,
    /// The writer sleeps until a line wakes it.
    idle: bool,
    /// The lines shall not wait for others.
    urgent: bool,
    /// How many wait for theirs to arrive.
    waiting: usize,
    /// Nobody will wait for the last lines; each waits for itself.
    closing: bool,
}

impl BackgroundSink {
    /// Starts the thread that writes to `writer`; `report` is what stands in the place of dropped records.
    pub(in crate::log) fn start_with(writer: impl Write + Send + 'static, bound: usize, report: Report) -> std::io::Result<Self> {
        let state = State {
            queue: Queue::new(bound),
            records: RecordCounts::default(),
            dropped: RecordCounts::default(),
            queued: 0,
            settled: 0,
            idle: false,
            urgent: false,
            waiting: 0,
            closing: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), work: Condvar::new(), progress: Condvar::new() });
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new().name("log-writer".to_owned()).spawn(move || run(&theirs, writer, &report))?;
        Ok(Self(shared))
    }
}

impl LineSink for BackgroundSink {
    fn write(&self, line: Line<'_>) {
        let (wake, closing) = {
            let mut state = self.0.state();
            (state.push(line), state.closing)
        };
        if wake {
            self.0.work.notify_one();
        }
        if closing && !self.flush(LAST_PATIENCE) {
            // Who reads no more is not waited for again.
            self.0.state().closing = false;
        }
    }

    fn flush(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut state = self.0.state();
        let target = state.queued;
        while state.settled < target {
            state.urgent = true;
            self.0.work.notify_one();
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return false };
            state.waiting += 1;
            state = self.0.progress.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
        true
    }

    fn close(&self) {
        self.0.state().closing = true;
    }

    fn records(&self) -> RecordCounts {
        self.0.state().records
    }

    fn dropped(&self) -> RecordCounts {
        self.0.state().dropped
    }
}

impl State {
    /// Queues a line; whether the writer must be told.
    fn push(&mut self, line: Line<'_>) -> bool {
        let dropped = self.queue.push(line.level, line.bytes);
        self.records.count(line.level, 1);
        self.dropped += dropped;
        self.queued += 1;
        let hurry = !self.urgent && (line.level == LogLevel::Error || self.queue.len() >= ENOUGH);
        self.urgent |= hurry;
        std::mem::take(&mut self.idle) || hurry
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for lines, gathers some more, and takes them.
    fn take(&self, lines: &mut Lines) -> (RecordCounts, u64) {
        let (mut state, mut looked) = (self.gather(self.state()), 0);
        while state.queue.is_empty() {
            if looked == LINGER {
                state = self.sleep(state);
            } else {
                looked += 1;
            }
            state = self.gather(state);
        }
        state.urgent = false;
        (state.queue.take(lines), state.queued)
    }

    /// Gives lines some time to come, unless they are urgent.
    fn gather<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let waited = self.work.wait_timeout_while(state, GATHER, |state| !state.urgent);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits until a line wakes the writer.
    fn sleep<'s>(&self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        (state.idle, state.urgent) = (true, false);
        self.work.wait_while(state, |state| state.idle && state.queue.is_empty()).unwrap_or_else(PoisonError::into_inner)
    }

    /// What was taken up to `upto` has left; `lost` could not be written, and `unreported` has yet to be told.
    fn settle(&self, upto: u64, lost: RecordCounts, unreported: RecordCounts) {
        let mut state = self.state();
        state.settled = upto;
        state.dropped += lost;
        state.queue.dropped += lost;
        state.queue.dropped += unreported;
        if state.waiting > 0 {
            self.progress.notify_all();
        }
    }
}

/// Writes as long as the process lives.
fn run(shared: &Shared, mut writer: impl Write, report: &Report) {
    let mut lines = Lines::default();
    loop {
        let (dropped, upto) = shared.take(&mut lines);
        let lost = match write_all(&mut writer, &lines.bytes) {
            Ok(()) => RecordCounts::default(),
            Err(written) => lines.lost_after(written),
        };
        let told = dropped.is_zero() || write_all(&mut writer, &report(dropped)).is_ok();
        lines.clear();
        lines.shrink(KEPT_MEMORY);
        shared.settle(upto, lost, if told { RecordCounts::default() } else { dropped });
    }
}

/// Writes all, or tells how many bytes were written.
fn write_all(writer: &mut impl Write, bytes: &[u8]) -> Result<(), usize> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match writer.write(rest) {
            Ok(0) => return Err(bytes.len() - rest.len()),
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Standard output may have been set not to block, by whoever shares it.
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(ROOM_PAUSE),
            Err(_) => return Err(bytes.len() - rest.len()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
