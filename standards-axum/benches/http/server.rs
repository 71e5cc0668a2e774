//! A contender as a process, its log, and the processor time that it takes.

use std::fs::{File, read_dir, read_to_string};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;

use super::contender::Contender;

const CONTENDER: &str = "HTTP_CONTENDER";

/// How long a log may be behind.
const PATIENCE: Duration = Duration::from_millis(500);

/// Which contender this process is to be.
pub(crate) fn asked_for() -> Option<Contender> {
    let name = std::env::var(CONTENDER).ok()?;
    Contender::ALL.into_iter().find(|contender| contender.name() == name)
}

/// Serves until it is killed; where, it tells on standard error.
pub(crate) fn run(contender: Contender) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        writeln!(std::io::stderr(), "{}", listener.local_addr().expect("an address")).expect("standard error");
        contender.serve(listener).await;
    });
}

/// How many threads wanted a processor in the last minute: above one, something else runs.
pub(crate) fn load_average() -> String {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// The clients run where the servers do not.
pub(crate) fn leave_the_first_processor() {
    let processors = std::thread::available_parallelism().expect("a number").get();
    let others = format!("1-{}", processors - 1);
    let told = Command::new("taskset").args(["-cp", &others, &std::process::id().to_string()]).stdout(Stdio::null()).status();
    assert!(told.is_ok_and(|status| status.success()), "taskset, and two processors");
}

pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    pub(crate) address: SocketAddr,
    pub(crate) request: Vec<u8>,
}

impl Server {
    pub(crate) fn start(contender: Contender) -> Self {
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("http-{contender:?}.log"));
        let file = File::options().create(true).append(true).open(&log).expect("a file");
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(std::env::current_exe().expect("its path")).env(CONTENDER, contender.name());
        let mut child = command.stdout(file).stderr(Stdio::piped()).spawn().expect("a process");
        let mut address = String::new();
        BufReader::new(child.stderr.take().expect("its errors")).read_line(&mut address).expect("a line");
        let address = address.trim().parse().expect("an address");
        Self { child, log, address, request: contender.request() }
    }

    /// In seconds, of all threads, in the kernel too.
    pub(crate) fn processor_time(&self) -> f64 {
        let tasks = read_dir(format!("/proc/{}/task", self.child.id())).expect("its threads");
        tasks.flatten().map(|task| time_of(&task.path())).sum()
    }

    pub(crate) fn clear_log(&self) {
        File::options().write(true).open(&self.log).and_then(|file| file.set_len(0)).expect("an empty log");
    }

    /// How many lines the log has, which may have yet to come to `expected`.
    pub(crate) fn count_records(&self, expected: usize) -> usize {
        let end = Instant::now() + PATIENCE;
        loop {
            let log = std::fs::read(&self.log).expect("its log");
            let records = log.iter().filter(|byte| **byte == b'\n').count();
            if records >= expected || log.is_empty() || Instant::now() > end {
                return records;
            }
            std::thread::sleep(PATIENCE / 20);
        }
    }
}

/// In seconds, of the one thread that all clients have.
pub(crate) fn own_processor_time() -> f64 {
    time_of(Path::new("/proc/thread-self"))
}

/// The first of three numbers: nanoseconds on a processor.
fn time_of(task: &Path) -> f64 {
    let text = read_to_string(task.join("schedstat")).unwrap_or_default();
    let nanoseconds: f64 = text.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    nanoseconds / 1e9
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
