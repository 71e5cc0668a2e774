//! Caches: what became of what they were asked, and how much they hold.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use standards_core::cache::{Cache, CacheOutcome, Namespace};

use super::Metrics;

/// Asks the caches when a page is written.
#[derive(Default)]
pub(super) struct Caches(Mutex<Vec<Watched>>);

/// A cache, whatever it holds.
struct Watched {
    name: &'static str,
    counts: Box<dyn Fn(CacheOutcome) -> u64 + Send>,
    entries: Box<dyn Fn() -> u64 + Send>,
}

impl Metrics {
    /// Tells of this cache from now on, by the name of its namespace. Of two with one name the first is told.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use standards_axum::core::cache::{Cache, Namespace};
    /// use standards_axum::metrics::Metrics;
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let (metrics, tasas) = (Metrics::new(), Cache::<f64>::in_process(Namespace::new("tasa", 1)));
    /// metrics.cache(&tasas);
    /// tasas.get_or_load("UF", Duration::from_secs(60), async || Ok(950.30)).await?;
    /// let page = String::from_utf8(metrics.render().to_vec()).unwrap();
    /// assert!(page.contains(r#"cache_outcomes_total{cache="tasa",outcome="loaded"} 1"#));
    /// # Ok::<(), standards_axum::core::Failure>(())
    /// # }).unwrap();
    /// ```
    pub fn cache<T: Send + Sync + 'static>(&self, cache: &Cache<T>) {
        self.0.caches.add(cache);
    }
}

impl Caches {
    pub(super) fn register(self: Arc<Self>, registry: &mut Registry) {
        registry.register_collector(Box::new(self));
    }

    /// One, so that all labels are seen.
    pub(super) fn tell_an_example(&self) {
        self.add(&Cache::<()>::in_process(Namespace::new("x", 1)));
    }

    fn add<T: Send + Sync + 'static>(&self, cache: &Cache<T>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = cache.namespace().name();
        if known.iter().all(|one| one.name != name) {
            let (counted, held) = (cache.clone(), cache.clone());
            let counts = Box::new(move |outcome| counted.count(outcome));
            known.push(Watched { name, counts, entries: Box::new(move || held.len()) });
            known.sort_by_key(|one| one.name);
        }
    }
}

impl Collector for Caches {
    /// A service without caches has none of it on its page.
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            return Ok(());
        }
        let help = "What became of what a cache was asked, loads and annulled keys among it.";
        let mut family = encoder.encode_descriptor("cache_outcomes", help, None, MetricType::Counter)?;
        for cache in &*known {
            for outcome in CacheOutcome::ALL {
                let labels = [("cache", cache.name), ("outcome", outcome.as_str())];
                family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&(cache.counts)(outcome), None)?;
            }
        }
        let help = "Entries of a cache in memory, about.";
        let mut family = encoder.encode_descriptor("cache_entries", help, None, MetricType::Gauge)?;
        for cache in &*known {
            let entries = i64::try_from((cache.entries)()).unwrap_or(i64::MAX);
            family.encode_family(&[("cache", cache.name)])?.encode_gauge(&entries)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caches").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn each_cache_tells_what_became_of_what_it_was_asked() {
        let metrics = Metrics::new();
        let page = || String::from_utf8(metrics.render().to_vec()).unwrap();
        assert!(!page().contains("cache_"), "there is none yet");
        let [pagos, tasas, other] = ["pago", "tasa", "pago"].map(|name| Cache::<u8>::in_process(Namespace::new(name, 1)));
        [&tasas, &pagos, &other].into_iter().for_each(|cache| metrics.cache(cache));
        for _ in 0..3 {
            pagos.get_or_load(&7, Duration::from_secs(9), async || Ok(1)).await.unwrap();
        }
        other.delete(&7).await;
        let page = page();
        for line in [
            r#"cache_outcomes_total{cache="pago",outcome="hit_memory"} 2"#,
            r#"cache_outcomes_total{cache="pago",outcome="loaded"} 1"#,
            r#"cache_outcomes_total{cache="pago",outcome="invalidated"} 0"#,
            r#"cache_outcomes_total{cache="tasa",outcome="miss"} 0"#,
            r#"cache_entries{cache="tasa"} 0"#,
        ] {
            assert!(page.contains(&format!("{line}\n")), "{line} in\n{page}");
        }
    }
}
