//! The server that writes is gone, and another one has been promoted.

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::process::random;
use crate::support::{
    Attempt, Base, Books, Fault, Load, Outcome, PATIENCE, Pair, Proxy, Replication, ServiceProcess, Tally, assert_as_in_runbook,
    pause, register,
};

/// In which the service pays again after a promotion, and without which no planned switch-over is. What it takes is printed.
const PROMISED: Duration = Duration::from_secs(1);

/// The same in a short run, on a machine that is busy with other tests.
fn answers_again() -> Duration {
    if rounds() > 1 { PROMISED } else { 5 * PROMISED }
}

/// How often it is done with `FAULTS_LONG` and without.
fn rounds() -> u32 {
    if std::env::var_os("FAULTS_LONG").is_some() { 20 } else { 1 }
}

/// What the one that writes holds.
fn base(pair: &Pair) -> Base {
    base_at(pair.port())
}

fn base_at(port: u16) -> Base {
    Base::Postgres { name: "pagos".to_owned(), port }
}

/// Two instances of the service, and clients that pay by keys.
struct Instances {
    services: [ServiceProcess; 2],
    books: Arc<Books>,
    clientes: Vec<i64>,
}

impl Instances {
    async fn begin(url: &str) -> Self {
        let services = [ServiceProcess::start(url).await, ServiceProcess::start(url).await];
        for service in &services {
            service.ready().await;
        }
        let clientes = register(&services[0], 8).await;
        Self { services, books: Arc::default(), clientes }
    }

    /// Four payers for each instance; both pay from the same clientes.
    fn load(&self) -> [Load; 2] {
        let load = |n: usize| Load::start(self.services[n].address, &self.books, &self.clientes[n * 3..n * 3 + 4]);
        [load(0), load(1)]
    }

    /// Returns once both have paid after `since`.
    async fn pay_again(&self, since: Instant) -> Duration {
        loop {
            let attempts = self.books.attempts();
            let paid = |n: usize| {
                let theirs = |attempt: &&Attempt| self.clientes[n * 3..n * 3 + 4].contains(&attempt.cliente);
                let paid = attempts.iter().filter(theirs).filter(|attempt| matches!(attempt.outcome, Outcome::Paid(_)));
                paid.map(Attempt::ended).find(|ended| *ended > since)
            };
            if let (Some(first), Some(second)) = (paid(0), paid(1)) {
                return first.max(second).saturating_duration_since(since);
            }
            assert!(since.elapsed() < PATIENCE, "nobody pays: {}", self.services[0].log());
            pause(5).await;
        }
    }

    /// The longest time in which nobody's payment was made.
    fn longest_pause(&self, since: Instant) -> Duration {
        let attempts = self.books.attempts();
        let paid = attempts.iter().filter(|attempt| matches!(attempt.outcome, Outcome::Paid(_))).map(Attempt::ended);
        let mut ends: Vec<Instant> = paid.filter(|ended| *ended >= since).collect();
        ends.sort_unstable();
        ends.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
    }

    /// Nothing acknowledged is lost, nothing is made twice, and only what may come was answered.
    async fn settle(&self, pair: &Pair) -> Tally {
        self.books.assert_answers(PATIENCE);
        let base = base(pair);
        base.settle().await;
        self.books.settle(self.services[0].address, &base).await
    }
}

/// One round: the end of the primary, however it comes, and the promotion of its standby, under load. Says how long the promotion was
/// ago when both instances paid again, the longest time without a payment, and what was unknown.
async fn round(pair: &mut Pair, instances: &Instances, end: fn(&Pair)) -> (Duration, Duration, Tally) {
    let load = instances.load();
    let begun = Instant::now();
    pause(300 + random(300)).await;
    tokio::task::block_in_place(|| {
        end(pair);
        pair.promote();
    });
    let again = instances.pay_again(Instant::now()).await;
    pause(200).await;
    for load in load {
        load.stop().await;
    }
    assert!(again < answers_again(), "{again:?}");
    assert_as_in_runbook(&instances.services[0].log(), "Cambió el servidor PostgreSQL en el que se escribe");
    (again, instances.longest_pause(begun), instances.settle(pair).await)
}

/// Says the longest time without a payment.
async fn rounds_of(name: &str, end: fn(&Pair)) -> Duration {
    let Some(mut pair) = Pair::make(Replication::Synchronous).await else { return Duration::ZERO };
    let instances = Instances::begin(&pair.url()).await;
    let (mut slowest, mut longest, mut all) = (Duration::ZERO, Duration::ZERO, Tally::default());
    for number in 0..rounds() {
        if number > 0 {
            pair.follow(Replication::Synchronous).await;
        }
        let (again, pause, Tally { unknown, made }) = round(&mut pair, &instances, end).await;
        (slowest, longest) = (slowest.max(again), longest.max(pause));
        all = Tally { unknown: all.unknown + unknown, made: all.made + made };
    }
    let (times, payments, Tally { unknown, made }) = (rounds(), instances.books.attempts().len(), all);
    eprintln!(
        "{name}, {times} times: {payments} payments, {unknown} unavailable of which {made} paid; paid again at most {slowest:.0?} after the promotion, longest time without a payment {longest:.0?}"
    );
    longest
}

#[tokio::test(flavor = "multi_thread")]
async fn the_primary_is_killed_and_its_standby_promoted() {
    rounds_of("primary killed and standby promoted", Pair::kill).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_primary_is_switched_over_as_planned() {
    let longest = rounds_of("planned switch-over", Pair::stop).await;
    assert!(longest < answers_again(), "{longest:?}");
}

/// More than a standby may lag unnoticed.
const BALLAST: &str = "create table lastre as select number, repeat('x', 40) as text from generate_series(1, 400000) number";

/// A standby that lags is told, and nobody is shown a balance of before.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_lags() {
    let Some(pair) = Pair::make(Replication::Asynchronous).await else { return };
    let service = ServiceProcess::start(&pair.url()).await;
    service.ready().await;
    let cliente = register(&service, 1).await[0];
    pair.hold_back();
    base(&pair).execute(BALLAST).await;
    let (books, mut client) = (Books::default(), service.client());
    for _ in 0..20 {
        let attempt = books.pay(&mut client, cliente).await;
        let Outcome::Paid(id) = attempt.outcome else { panic!("{attempt:?}") };
        assert_eq!(client.get(&format!("/api/v1/pagos/{id}")).await.unwrap().data()["id"], id);
    }
    let (status, said) = command("doctor", &pair.url());
    let [writer, standby] = pair.ports();
    let both = format!("! servidores: 127.0.0.1:{writer} primario (línea 1), 127.0.0.1:{standby} réplica (línea 1, a ");
    assert!(status == Some(0) && said.contains(&both) && said.contains("recupere las réplicas"), "{said}");
    assert_eq!(books.settle(service.address, &base(&pair)).await, Tally::default());
}

/// A promotion while the old primary goes on: whoever has written to the new one never goes back, and what the old one acknowledged
/// is named.
#[tokio::test(flavor = "multi_thread")]
async fn two_that_write_after_a_partition() {
    let Some(mut pair) = Pair::make(Replication::Asynchronous).await else { return };
    let [old_port, new_port] = pair.ports();
    let (old, new) = (Proxy::to(old_port).await, Proxy::to(new_port).await);
    let service = ServiceProcess::start(&Pair::url_by([old.port, new.port])).await;
    service.ready().await;
    let cliente = register(&service, 1).await[0];
    let books = Books::default();
    pay(&books, &service, cliente).await;
    old.set(Fault::Refuse);
    tokio::task::block_in_place(|| pair.promote());
    pay(&books, &service, cliente).await;
    let (stray, lost) = pay_to_the_old_one(&pair, cliente).await;
    assert_never_goes_back(&service, &old, &new, cliente).await;
    assert_as_in_runbook(&service.log(), "Un servidor PostgreSQL que no es el actual también escribe: no se usa");
    assert_both_are_told(&pair, &stray, cliente, lost).await;
    books.settle(service.address, &base(&pair)).await;
}

/// Another instance sees only the old primary, and acknowledges a payment.
async fn pay_to_the_old_one(pair: &Pair, cliente: i64) -> (ServiceProcess, i64) {
    let stray = ServiceProcess::start(&base_at(pair.ports()[0]).url()).await;
    stray.ready().await;
    let theirs = Books::default();
    // Other keys than those that the old one had before the partition.
    (0..100).for_each(|_| drop(theirs.open(cliente)));
    let attempt = theirs.pay(&mut stray.client(), cliente).await;
    let Outcome::Paid(lost) = attempt.outcome else { panic!("{attempt:?}") };
    stray.tells("pago-101", "Pago procesado exitosamente").await;
    (stray, lost)
}

/// Pays, as often as it takes.
async fn pay(books: &Books, service: &ServiceProcess, cliente: i64) {
    let begun = Instant::now();
    while !books.pay(&mut service.client(), cliente).await.is_well() {
        assert!(begun.elapsed() < PATIENCE, "{}", service.log());
        pause(20).await;
    }
}

/// The old primary is all that can be reached: nobody is paid, and the log names it.
async fn assert_never_goes_back(service: &ServiceProcess, old: &Proxy, new: &Proxy, cliente: i64) {
    old.set(Fault::Pass);
    new.set(Fault::Refuse);
    for _ in 0..3 {
        let attempt = Books::default().pay(&mut service.client(), cliente).await;
        assert_eq!(attempt.outcome, Outcome::Unavailable, "{attempt:?}");
    }
    // What it says stands for a second.
    let begun = Instant::now();
    while service.status("/health/ready").await != 503 {
        assert!(begun.elapsed() < PATIENCE, "ready");
        pause(20).await;
    }
    let told = "Un servidor PostgreSQL que no es el actual también escribe: no se usa";
    let record = service.records().into_iter().find(|record| record["message"] == told);
    let record = record.unwrap_or_else(|| panic!("{}", service.log()));
    let cause = format!("127.0.0.1:{} writes on timeline 1, and timeline 2 has been written to", old.port);
    assert!(record.to_string().contains(&cause), "{record}");
    new.set(Fault::Pass);
    service.ready().await;
}

/// `doctor` names both, and `verify-ledger` the pago that only the old one has.
async fn assert_both_are_told(pair: &Pair, stray: &ServiceProcess, cliente: i64, lost: i64) {
    let (status, said) = command("doctor", &pair.url());
    let [old, new] = pair.ports();
    let both = format!("✘ servidores: 127.0.0.1:{old} primario (línea 1), 127.0.0.1:{new} primario (línea 2): escriben dos");
    assert!(status == Some(1) && said.contains(&both), "{said}");
    let log = tempfile::NamedTempFile::new().unwrap();
    fs::write(log.path(), stray.log()).unwrap();
    let verify = format!("verify-ledger --log {}", log.path().display());
    let (status, said) = command(&verify, &base(pair).url());
    assert!(status == Some(1) && said.contains(&format!("pago {lost} of cliente {cliente}: monto ")), "{said}");
    let (status, said) = command(&verify, &base_at(pair.ports()[0]).url());
    assert!(status == Some(0) && said.contains("1 pagos acknowledged, 0 of them not in this database"), "{said}");
}

/// How a command of the binary ends, and what it says.
fn command(arguments: &str, url: &str) -> (Option<i32>, String) {
    let mut process = ServiceProcess::begin_by(&format!("exec \"$0\" {arguments}"), url);
    (process.end().code(), process.log())
}
