//! A shared level in memory, whose network breaks when told to.

use std::collections::HashMap;
use std::sync::{Mutex, Weak};

use tokio::time::Instant;

use super::*;
use crate::cache::{Answer, CachePolicy, Found, Listener, Mark, NoAnswer, SharedEvent, SharedHealth, SharedLevel};
use crate::context::spawn_worker;

/// What the network does with a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    Well,
    /// It arrives nowhere.
    Cut,
    /// It is done, and the answer is lost.
    Lost,
    /// It is done long after it was given up.
    Late,
}

struct Stored {
    mark: String,
    bytes: Vec<u8>,
    expires: Instant,
}

/// The server.
#[derive(Default)]
pub(super) struct Server {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    values: HashMap<String, Stored>,
    annulled: HashMap<String, u64>,
    cleared: HashMap<String, u64>,
    next: u64,
    asked: usize,
    instances: Vec<Weak<Instance>>,
}

/// The way of one instance to the server.
pub(super) struct Instance {
    server: Arc<Server>,
    network: Mutex<Network>,
    hears: Mutex<bool>,
    listeners: Mutex<Vec<Weak<dyn Listener>>>,
    me: Weak<Instance>,
}

impl Server {
    pub(super) fn instance(self: &Arc<Self>) -> Arc<Instance> {
        let instance = Arc::new_cyclic(|me| Instance {
            server: Arc::clone(self),
            network: Mutex::new(Network::Well),
            hears: Mutex::new(true),
            listeners: Mutex::default(),
            me: me.clone(),
        });
        self.state.lock().unwrap().instances.push(Arc::downgrade(&instance));
        instance
    }

    fn delay(&self) -> u64 {
        const DELAYS: [u64; 5] = [9, 1, 4, 7, 2];
        let mut state = self.state.lock().unwrap();
        state.asked += 1;
        DELAYS[state.asked % DELAYS.len()]
    }

    pub(super) fn put(&self, key: &str, bytes: &[u8]) {
        let stored = Stored { mark: "0.0".to_owned(), bytes: bytes.to_vec(), expires: Instant::now() + MINUTE };
        self.state.lock().unwrap().values.insert(key.to_owned(), stored);
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.state.lock().unwrap().values.contains_key(key)
    }

    fn tell(&self, but: &Instance, event: &SharedEvent<'_>) {
        let instances = self.state.lock().unwrap().instances.clone();
        for instance in instances.iter().filter_map(Weak::upgrade) {
            if !std::ptr::eq(&*instance, but) && *instance.hears.lock().unwrap() {
                instance.tell(event);
            }
        }
    }
}

impl State {
    fn mark(&self, namespace: Namespace, key: &str) -> String {
        let cleared = self.cleared.get(&namespace.to_string()).copied().unwrap_or_default();
        format!("{cleared}.{}", self.annulled.get(key).copied().unwrap_or_default())
    }
}

impl Instance {
    /// A cache of this instance.
    pub(super) fn numbers(self: &Arc<Self>) -> Cache<u32> {
        Cache::builder(NUMBERS).with_policy(CachePolicy::default()).shared_by(Arc::<Self>::clone(self)).build()
    }

    pub(super) fn set_network(&self, network: Network) {
        let before = std::mem::replace(&mut *self.network.lock().unwrap(), network);
        if before != Network::Well && network == Network::Well {
            self.tell(&SharedEvent::Restored);
        }
    }

    pub(super) fn set_hearing(&self, hears: bool) {
        *self.hears.lock().unwrap() = hears;
    }

    fn tell(&self, event: &SharedEvent<'_>) {
        let listeners = self.listeners.lock().unwrap().clone();
        listeners.iter().filter_map(Weak::upgrade).for_each(|listener| listener.hear(event));
    }

    /// Does it on the server, as the network is: a question takes one to nine milliseconds, so that a later one may overtake it.
    fn ask<R: Send + 'static>(&self, work: impl FnOnce(&Instance) -> R + Send + 'static) -> Answer<'static, R> {
        let (network, me) = (*self.network.lock().unwrap(), self.me.upgrade().unwrap());
        Box::pin(async move {
            if network == Network::Late {
                spawn_worker(async move {
                    pass(3_000).await;
                    work(&me);
                });
                return Err(NoAnswer);
            }
            pass(me.server.delay()).await;
            let answer = (network != Network::Cut).then(|| work(&me));
            pass(2).await;
            answer.filter(|_| network == Network::Well).ok_or(NoAnswer)
        })
    }
}

impl SharedLevel for Instance {
    fn read<'a>(&'a self, namespace: Namespace, key: &'a str) -> Answer<'a, Found> {
        let key = namespace.key(key);
        self.ask(move |me| {
            let (state, now) = (me.server.state.lock().unwrap(), Instant::now());
            let mark = state.mark(namespace, &key);
            let stored = state.values.get(&key).filter(|stored| stored.mark == mark && now < stored.expires);
            Found { mark: Mark::new(mark), value: stored.map(|stored| (stored.bytes.clone(), stored.expires - now)) }
        })
    }

    fn write<'a>(
        &'a self,
        namespace: Namespace,
        key: &'a str,
        mark: &'a Mark,
        bytes: Vec<u8>,
        kept: Duration,
    ) -> Answer<'a, bool> {
        let (key, mark, expires) = (namespace.key(key), mark.text.clone(), Instant::now() + kept);
        self.ask(move |me| {
            let mut state = me.server.state.lock().unwrap();
            let is_valid = state.mark(namespace, &key) == mark;
            state.values.insert(key, Stored { mark, bytes, expires });
            is_valid
        })
    }

    fn annul<'a>(&'a self, namespace: Namespace, key: &'a str) -> Answer<'a, Mark> {
        let key = namespace.key(key);
        self.ask(move |me| {
            let mark = {
                let mut state = me.server.state.lock().unwrap();
                state.next += 1;
                let next = state.next;
                state.annulled.insert(key.clone(), next);
                state.values.remove(&key);
                state.mark(namespace, &key)
            };
            me.server.tell(me, &SharedEvent::Annulled(&key));
            Mark::new(mark)
        })
    }

    fn clear(&self, namespace: Namespace) -> Answer<'_, ()> {
        self.ask(move |me| {
            {
                let mut state = me.server.state.lock().unwrap();
                state.next += 1;
                let next = state.next;
                state.cleared.insert(namespace.to_string(), next);
            }
            me.server.tell(me, &SharedEvent::Cleared(&namespace.to_string()));
        })
    }

    fn listen(&self, listener: Weak<dyn Listener>) {
        self.listeners.lock().unwrap().push(listener);
    }

    fn health(&self) -> SharedHealth {
        SharedHealth::Reachable
    }
}
