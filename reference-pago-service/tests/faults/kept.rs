//! Two instances that share a Redis, which comes and goes while pagos are made, read and annulled at both.
//!
//! Whatever Redis does: every read is 200; no read that begins after an acknowledged write tells a balance of before it; an annulled pago is
//! never again shown as it was by the instance that annulled it, nor by the other five seconds later.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::process::random;
use crate::support::{Base, Client, Fault, Proxy, Redis, ServiceProcess, assert_as_in_runbook, pause, post, shared};

/// What the service promises of an instance that cannot be told.
const STALENESS: Duration = Duration::from_secs(5);
/// Clients at once, each with a cliente of its own.
const CLIENTS: i64 = 6;

/// Two instances on one database, each with its own way to the one Redis.
struct Pair {
    redis: Redis,
    ways: [Proxy; 2],
    services: [ServiceProcess; 2],
}

impl Pair {
    async fn start(base: &Base) -> Option<Self> {
        let redis = Redis::start()?;
        let ways = [Proxy::to(redis.port).await, Proxy::to(redis.port).await];
        let [one, other] = [&ways[0], &ways[1]].map(|way| format!("REDIS_URL=redis://127.0.0.1:{} exec \"$0\"", way.port));
        let services = [ServiceProcess::start_by(&one, &base.url()).await, ServiceProcess::start_by(&other, &base.url()).await];
        for service in &services {
            service.ready().await;
        }
        Some(Self { redis, ways, services })
    }

    fn addresses(&self) -> [SocketAddr; 2] {
        [self.services[0].address, self.services[1].address]
    }

    /// Both ways at once: each fault for a moment, again and again, and a new Redis in between.
    async fn flap(&mut self, long: Duration) {
        let begun = Instant::now();
        let [late, apart] = [2_000, 20].map(Duration::from_millis);
        let faults =
            [Fault::Refuse, Fault::BlackHole, Fault::Latency(late), Fault::Cut(3), Fault::Drip(apart), Fault::Say("-ERR no\r\n")];
        for fault in faults.iter().cycle() {
            for fault in [*fault, Fault::Pass] {
                self.ways.iter().for_each(|way| way.set(fault));
                pause(700 + random(1_500)).await;
            }
            if random(3) == 0 {
                self.redis.stop();
                self.redis.start_again();
            }
            if begun.elapsed() > long {
                return;
            }
        }
    }

    /// One way after the other, so that one of them annuls what the other is not told of.
    async fn cut_off_one(&self, long: Duration) {
        let begun = Instant::now();
        for way in self.ways.iter().cycle() {
            way.set(Fault::BlackHole);
            pause(7_000).await;
            way.set(Fault::Pass);
            pause(2_000).await;
            if begun.elapsed() > long {
                return;
            }
        }
    }

    /// The log tells of each change once, and of no failed request.
    fn assert_told(&self) {
        for service in &self.services {
            let records = service.records();
            let errors: Vec<_> = records.iter().filter(|record| record["level"] == "ERROR").collect();
            assert!(errors.is_empty(), "{errors:#?}");
        }
    }
}

/// What one client has written, and reads at both instances.
struct Ledger {
    clients: [Client; 2],
    cliente: i64,
    hundredths: i64,
    /// The pagos that it has annulled: where, and since when that is acknowledged.
    annulled: Vec<(i64, usize, Instant)>,
    reads: usize,
}

impl Ledger {
    async fn open(addresses: [SocketAddr; 2], number: i64) -> Self {
        let mut clients = addresses.map(Client::new);
        let body = format!(r#"{{"nombre": "Ana", "email": "ana{number}@x.cl", "saldo": "90000000.00"}}"#);
        let cliente = clients[0].ask(&post("/clientes", "", &body)).await.unwrap().data()["id"].as_i64().unwrap();
        Self { clients, cliente, hundredths: 9_000_000_000, annulled: Vec::new(), reads: 0 }
    }

    /// Until it is told to stop; then what was annulled is looked at once more, when nobody may show it otherwise.
    async fn go_on(mut self, stop: Arc<AtomicBool>) -> usize {
        while !stop.load(Ordering::Relaxed) {
            self.pay_and_annul().await;
            self.look_back().await;
        }
        tokio::time::sleep(STALENESS).await;
        for number in 0..self.annulled.len() {
            self.look_at(number).await;
        }
        self.reads
    }

    async fn pay_and_annul(&mut self) {
        let place = usize::from(random(2) == 0);
        let body = format!(r#"{{"cliente_id": {}, "monto": "0.07"}}"#, self.cliente);
        let pago = self.clients[place].ask(&post("/pagos", "", &body)).await.unwrap().data()["id"].as_i64().unwrap();
        self.hundredths -= 7;
        self.assert_balance().await;
        for place in 0..2 {
            assert_eq!(self.estado(place, pago).await, "PROCESADO");
        }
        let place = usize::from(random(2) == 0);
        let request = post(&format!("/pagos/{pago}/anulacion"), "", "");
        assert_eq!(self.clients[place].ask(&request).await.unwrap().data()["estado"], "ANULADO");
        self.hundredths += 7;
        self.annulled.push((pago, place, Instant::now()));
        self.look_at(self.annulled.len() - 1).await;
        self.assert_balance().await;
    }

    /// At some that it has annulled before.
    async fn look_back(&mut self) {
        for _ in 0..4 {
            let number = usize::try_from(random(u64::try_from(self.annulled.len()).unwrap())).unwrap();
            self.look_at(number).await;
        }
    }

    async fn look_at(&mut self, number: usize) {
        let (pago, annulled_at, acknowledged) = self.annulled[number];
        for place in 0..2 {
            let age = acknowledged.elapsed();
            let estado = self.estado(place, pago).await;
            let may_be_old = place != annulled_at && age < STALENESS;
            assert!(estado == "ANULADO" || may_be_old, "{estado} {age:?} after it was annulled, here: {}", place == annulled_at);
        }
    }

    async fn estado(&mut self, place: usize, pago: i64) -> String {
        self.reads += 1;
        let answer = self.clients[place].get(&format!("/api/v1/pagos/{pago}")).await.unwrap();
        answer.data()["estado"].as_str().unwrap().to_owned()
    }

    async fn assert_balance(&mut self) {
        let expected = format!("{}.{:02}", self.hundredths / 100, self.hundredths % 100);
        for place in 0..2 {
            self.reads += 1;
            let answer = self.clients[place].get(&format!("/api/v1/clientes/{}", self.cliente)).await.unwrap();
            assert_eq!(answer.data()["saldo"].as_str(), Some(expected.as_str()), "at {place}");
        }
    }
}

/// So long with `FAULTS_LONG`.
fn duration() -> Duration {
    Duration::from_secs(if std::env::var_os("FAULTS_LONG").is_some() { 60 } else { 12 })
}

/// Clients at work while `fault` is done to the pair; what they saw was true.
async fn nobody_is_told_what_is_no_longer_so(base: &Base, fault: impl AsyncFnOnce(&mut Pair, Duration)) {
    let Some(mut pair) = Pair::start(base).await else { return };
    let (stop, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    for number in 0..CLIENTS {
        clients.spawn(Ledger::open(pair.addresses(), number).await.go_on(stop.clone()));
    }
    fault(&mut pair, duration()).await;
    pair.ways.iter().for_each(|way| way.set(Fault::Pass));
    stop.store(true, Ordering::Relaxed);
    let reads: usize = clients.join_all().await.into_iter().sum();
    pair.assert_told();
    base.assert_money_rule().await;
    eprintln!("{reads} reads, each 200 and none of them too old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_comes_and_goes_makes_no_answer_untrue() {
    let Some(server) = shared().await else { return };
    nobody_is_told_what_is_no_longer_so(&server.database().await, async |pair, long| pair.flap(long).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_cut_off_is_five_seconds_behind_at_most() {
    let Some(server) = shared().await else { return };
    nobody_is_told_what_is_no_longer_so(&server.database().await, async |pair, long| pair.cut_off_one(long).await).await;
}

/// So often the connection is tried, and so often it has failed before its circuit opens.
const CIRCUIT_OPENS: Duration = Duration::from_secs(10 + 5);

/// Without its Redis the service starts, is ready at once, and says that it is degraded though nobody reads; then its circuit opens, for which
/// the alert `PagoBreakerOpen` stands.
#[tokio::test(flavor = "multi_thread")]
async fn without_its_redis_a_service_starts_and_is_degraded() {
    let (base, nobody) = (Base::sqlite(), std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let begun = Instant::now();
    let service = ServiceProcess::start_by(&format!("REDIS_URL=redis://127.0.0.1:{port} exec \"$0\""), &base.url()).await;
    assert_eq!(service.status("/health/ready").await, 200, "it waits for nobody");
    let took = begun.elapsed();
    until_told(&service, "/health/ready", r#""status":"degraded""#, crate::support::PATIENCE).await;
    until_told(&service, "/metrics", r#"circuit_breaker_state{name="redis",state="open"} 1"#, CIRCUIT_OPENS).await;
    assert_as_in_runbook(&service.log(), "Cache compartido no disponible");
    let told = |message: &str| service.records().iter().filter(|record| record["message"] == message).count();
    assert_eq!(told("Cache compartido no disponible: se sigue sin él"), 1, "{}", service.log());
    assert_eq!(told("El servicio está degradado"), 1, "{}", service.log());
    eprintln!("ready after {took:.0?}");
}

/// Asks until the answer has that in it.
async fn until_told(service: &ServiceProcess, path: &str, expected: &str, limit: Duration) {
    let begun = Instant::now();
    loop {
        let answer = service.client().get(path).await.unwrap();
        if answer.status == 200 && answer.body.contains(expected) {
            return;
        }
        assert!(begun.elapsed() < limit, "{path} never told {expected}: {answer:?}");
        pause(100).await;
    }
}
