//! How long outcomes are kept, as a setting.

use crate::settings;
use crate::settings::Hours;

settings! {
    /// How requests with an `Idempotency-Key` are kept: a group for the settings of a service.
    ///
    /// ```
    /// use std::time::Duration;
    /// use standards_core::idempotency::IdempotencySettings;
    /// use standards_core::settings::Environment;
    ///
    /// standards_core::settings! {
    ///     /// What the service is configured with.
    ///     pub struct Ajustes {
    ///         ..idempotencia: IdempotencySettings;
    ///     }
    /// }
    ///
    /// let ajustes: Ajustes = Environment::from_pairs([("IDEMPOTENCY_TTL_HOURS", "0.5")]).settings()?;
    /// assert_eq!(Duration::from(ajustes.idempotencia.ttl), Duration::from_secs(1_800));
    /// # Ok::<(), standards_core::settings::Problems>(())
    /// ```
    pub struct IdempotencySettings {
        /// Hours that the outcome of a request with an `Idempotency-Key` is kept at least; decimals are taken.
        ttl: Hours = "IDEMPOTENCY_TTL_HOURS", otherwise "24";
    }
}
