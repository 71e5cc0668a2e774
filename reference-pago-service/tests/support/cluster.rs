//! Two PostgreSQL servers of one cluster: one writes, the other follows it and is promoted.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use super::installed::{binaries, caretaker, run};

/// The two. Both are stopped and removed when this process ends.
pub(crate) struct Pair {
    binaries: String,
    directory: PathBuf,
    ports: [u16; 2],
    primary: usize,
    _caretaker: Child,
}

/// When a commit is acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replication {
    /// When the standby has it.
    Synchronous,
    /// When the primary has it.
    Asynchronous,
}

/// `fsync` stays on: what is acknowledged must be found. A standby says every 200 ms how far it has come.
const SETTINGS: &str =
    "-c listen_addresses=127.0.0.1 -c max_connections=60 -c wal_receiver_status_interval=1 -c wal_keep_size=512MB";

impl Pair {
    /// A primary with an empty database of the role `pagos`, and its standby; `None` with a notice where there is no PostgreSQL.
    pub(crate) async fn make(replication: Replication) -> Option<Self> {
        let binaries = binaries()?;
        let directory = PathBuf::from(run("mktemp -d /tmp/faults-cluster.XXXXXX").trim());
        let caretaker = caretaker(&binaries, &directory);
        let mut pair = Self { binaries, directory, ports: [lasting_port(), lasting_port()], primary: 0, _caretaker: caretaker };
        run(&format!("{}initdb -D {} -A trust -U postgres -E UTF8 --locale=C --no-sync", pair.binaries, pair.data(0)));
        pair.start(0);
        pair.ask(0, "create role pagos login");
        pair.ask(0, "create database pagos owner pagos");
        pair.follow(replication).await;
        Some(pair)
    }

    /// Both, as the service is told of them.
    pub(crate) fn url(&self) -> String {
        Self::url_by(self.ports)
    }

    /// The same by other ports: a proxy's.
    pub(crate) fn url_by(ports: [u16; 2]) -> String {
        format!("postgres://pagos@127.0.0.1:{},127.0.0.1:{}/pagos?target_session_attrs=read-write", ports[0], ports[1])
    }

    pub(crate) const fn ports(&self) -> [u16; 2] {
        self.ports
    }

    /// That of the one that writes.
    pub(crate) const fn port(&self) -> u16 {
        self.ports[self.primary]
    }

    /// Makes the one that does not write anew, as the standby of the other.
    pub(crate) async fn follow(&mut self, replication: Replication) {
        let (standby, primary_port) = (1 - self.primary, self.ports[self.primary]);
        let data = self.data(standby);
        run(&format!(
            "rm -rf {data} && {}pg_basebackup -D {data} -R -X stream -c fast --no-sync -h 127.0.0.1 -p {primary_port} -U postgres",
            self.binaries
        ));
        self.start(standby);
        self.acknowledge(replication).await;
    }

    /// When commits are acknowledged from here on.
    pub(crate) async fn acknowledge(&self, replication: Replication) {
        let (names, expected) = match replication {
            Replication::Synchronous => ("*", "sync"),
            Replication::Asynchronous => ("", "async"),
        };
        self.ask(self.primary, &format!("alter system set synchronous_standby_names = '{names}'"));
        self.ask(self.primary, "select pg_reload_conf()");
        while self.ask(self.primary, "select sync_state from pg_stat_replication").trim() != expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// SIGKILL of the server's first process: nothing is said to anybody, and nothing is cleared up.
    pub(crate) fn kill(&self) {
        let pid = format!("{}/postmaster.pid", self.data(self.primary));
        let socket = format!("{}/.s.PGSQL.{}", self.directory.display(), self.ports[self.primary]);
        // The segment of shared memory would outlive it; and where nobody asks how it ended, it passes for one that still has its socket.
        run(&format!("set -- $(sed -n '1p;7p' {pid}); kill -9 $1; ipcrm -m $3 2>/dev/null; rm -f {socket} {socket}.lock"));
    }

    /// The end that an operator gives it: sessions are ended, and the standby has all that was written.
    pub(crate) fn stop(&self) {
        run(&format!("{}pg_ctl -D {} -m fast -w -s stop", self.binaries, self.data(self.primary)));
    }

    /// Has the standby stay behind whatever is written from here on.
    pub(crate) fn hold_back(&self) {
        self.ask(1 - self.primary, "select pg_wal_replay_pause()");
    }

    /// Has the standby write, and returns once it does.
    pub(crate) fn promote(&mut self) {
        self.primary = 1 - self.primary;
        run(&format!("{}pg_ctl -D {} -w -s promote", self.binaries, self.data(self.primary)));
    }

    fn data(&self, place: usize) -> String {
        format!("{}/data{place}", self.directory.display())
    }

    fn start(&self, place: usize) {
        let (data, directory, port) = (self.data(place), self.directory.display(), self.ports[place]);
        let settings = format!("-p {port} -c unix_socket_directories={directory} {SETTINGS}");
        let (log, ctl) = (format!("{directory}/log{place}"), format!("{}pg_ctl -D {data} -w -s", self.binaries));
        run(&format!("{ctl} -l {log} -o '{settings}' start || {{ tail -5 {log} >&2; exit 1; }}"));
    }

    fn ask(&self, place: usize, statement: &str) -> String {
        let (directory, port) = (self.directory.display(), self.ports[place]);
        run(&format!("{}psql -X -q -A -t -h {directory} -p {port} -U postgres -c \"{statement}\" postgres", self.binaries))
    }
}

/// A port that no client is given while its server is down: one below those that the system gives away.
fn lasting_port() -> u16 {
    static LAST: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 20_000).unwrap();
    let next = || first + LAST.fetch_add(1, Ordering::Relaxed);
    std::iter::repeat_with(next).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}
