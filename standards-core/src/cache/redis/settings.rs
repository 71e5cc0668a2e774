//! Where the caches of a service are kept, as a setting.

use std::sync::Arc;

use super::{RedisLevel, RedisOptions, RedisUrl};
use crate::cache::Caches;
use crate::settings;

settings! {
    /// Where values are kept for a while: a group for the settings of a service.
    ///
    /// ```
    /// use standards_core::cache::redis::{CacheSettings, RedisOptions};
    /// use standards_core::settings::Environment;
    ///
    /// let settings: CacheSettings = Environment::default().settings()?;
    /// assert_eq!(settings.caches(RedisOptions::default()).health(), None);
    ///
    /// let refused = Environment::from_pairs([("REDIS_URL", "redis.interno")]).settings::<CacheSettings>().unwrap_err();
    /// assert!(refused.to_string().starts_with("REDIS_URL: debe ser una URL redis://"));
    /// # Ok::<(), standards_core::settings::Problems>(())
    /// ```
    pub struct CacheSettings {
        /// The Redis that all instances share; without it each keeps its values for itself.
        redis_url: Option<RedisUrl> = "REDIS_URL", optional;
    }
}

impl CacheSettings {
    /// The caches that are asked for. Nothing is connected to before the first question.
    #[must_use]
    pub fn caches(&self, options: RedisOptions) -> Caches {
        self.level(options).map_or_else(Caches::in_process, |level| Caches::shared_by(level))
    }

    /// The Redis that is asked for, for who tells operators of its [breaker](RedisLevel::breaker) too; `None` where there is none.
    #[must_use]
    pub fn level(&self, options: RedisOptions) -> Option<Arc<RedisLevel>> {
        self.redis_url.as_ref().map(|url| Arc::new(RedisLevel::new(url, options)))
    }
}
