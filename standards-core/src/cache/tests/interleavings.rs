//! Two instances, one server, a network that breaks: whatever the order, nobody is told what he may not be told.

use std::sync::Mutex;

use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::{collection, proptest};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::fake::{Instance, Network, Server};
use super::*;
use crate::context::JoinSetExt as _;

const KEYS: usize = 2;
/// The staleness, and what a load and its questions take.
const BOUND: Duration = Duration::from_millis(5_000 + 600);

#[derive(Clone, Copy, Debug)]
enum Step {
    Read(usize, usize, u64),
    /// A change, and the key deleted after it.
    Change(usize, usize),
    /// A change, and its value set: by the one instance that changes this key.
    Set,
    Clear(usize),
    Network(usize, Network),
    Hearing(usize, bool),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let network =
        prop_oneof![Just(Network::Well), Just(Network::Well), Just(Network::Cut), Just(Network::Lost), Just(Network::Late)];
    prop_oneof![
        8 => (0..2_usize, 0..=KEYS, 0..300_u64).prop_map(|(instance, key, takes)| Step::Read(instance, key, takes)),
        4 => (0..2_usize, 0..KEYS).prop_map(|(instance, key)| Step::Change(instance, key)),
        2 => Just(Step::Change(0, KEYS)),
        2 => Just(Step::Set),
        1 => (0..2_usize).prop_map(Step::Clear),
        2 => (0..2_usize, network).prop_map(|(instance, network)| Step::Network(instance, network)),
        1 => (0..2_usize, proptest::bool::ANY).prop_map(|(instance, hears)| Step::Hearing(instance, hears)),
        6 => (0..30_u64).prop_map(Step::Pass),
        2 => (0..4_000_u64).prop_map(Step::Pass),
    ]
}

/// What is true of a key, since when, and what each instance has been told is done.
#[derive(Default)]
struct Truth {
    changes: Vec<Instant>,
    acknowledged: [u32; 2],
}

struct World {
    instances: [Arc<Instance>; 2],
    caches: [Cache<u32>; 2],
    truths: [Mutex<Truth>; KEYS + 1],
}

impl World {
    fn new() -> Self {
        let server = Arc::<Server>::default();
        let instances = [server.instance(), server.instance()];
        let caches = [instances[0].numbers(), instances[1].numbers()];
        Self { instances, caches, truths: Default::default() }
    }

    fn current(&self, key: usize) -> u32 {
        u32::try_from(self.truths[key].lock().unwrap().changes.len()).unwrap()
    }

    fn change(&self, key: usize) -> u32 {
        self.truths[key].lock().unwrap().changes.push(Instant::now());
        self.current(key)
    }

    fn acknowledge(&self, instance: usize, key: usize, version: u32) {
        let acknowledged = &mut self.truths[key].lock().unwrap().acknowledged[instance];
        *acknowledged = version.max(*acknowledged);
    }

    /// The oldest version that this instance may tell from now on.
    fn oldest(&self, instance: usize, key: usize) -> u32 {
        let truth = self.truths[key].lock().unwrap();
        let outdated = truth.changes.iter().filter(|change| change.elapsed() > BOUND).count();
        truth.acknowledged[instance].max(u32::try_from(outdated).unwrap())
    }
}

async fn read(world: Arc<World>, instance: usize, key: usize, takes: u64) {
    let oldest = world.oldest(instance, key);
    let source = Arc::clone(&world);
    let load = move || async move {
        let version = source.current(key);
        pass(takes).await;
        Ok(version)
    };
    let version = *world.caches[instance].get_or_load(&key, MINUTE, load).await.unwrap();
    assert!(version >= oldest, "instance {instance} tells {version} of {key}, and {oldest} was known before it was asked");
}

async fn change(world: Arc<World>, instance: usize, key: usize) {
    let version = world.change(key);
    world.caches[instance].delete(&key).await;
    world.acknowledge(instance, key, version);
}

async fn set(world: Arc<World>) {
    let version = world.change(KEYS);
    world.caches[0].set(&KEYS, version, MINUTE).await;
    world.acknowledge(0, KEYS, version);
}

async fn clear(world: Arc<World>, instance: usize) {
    world.caches[instance].clear().await;
}

async fn play(steps: Vec<Step>) {
    let (world, mut tasks) = (Arc::new(World::new()), JoinSet::new());
    for step in steps {
        let world = Arc::clone(&world);
        match step {
            Step::Read(instance, key, takes) => drop(tasks.spawn_in_context(read(world, instance, key, takes))),
            Step::Change(instance, key) => drop(tasks.spawn_in_context(change(world, instance, key))),
            Step::Set => drop(tasks.spawn_in_context(set(world))),
            Step::Clear(instance) => drop(tasks.spawn_in_context(clear(world, instance))),
            Step::Network(instance, network) => world.instances[instance].set_network(network),
            Step::Hearing(instance, hears) => world.instances[instance].set_hearing(hears),
            Step::Pass(milliseconds) => pass(milliseconds).await,
        }
    }
    tasks.join_all().await;
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_acknowledged_change_is_never_taken_back(steps in collection::vec(step(), 1..80)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(play(steps));
    }
}
