//! The four ways in which a key is refused.
//!
//! ```
//! use standards_core::DomainError;
//! use standards_core::idempotency::IdempotencyError;
//!
//! let statuses = IdempotencyError::ENTRIES.iter().map(|entry| entry.status.as_u16()).collect::<Vec<_>>();
//! assert_eq!(statuses, [400, 400, 422, 409]);
//! ```

use crate::error_catalogue;

error_catalogue! {
    /// Why a request is refused for its `Idempotency-Key`.
    #[derive(Clone, PartialEq, Eq)]
    pub enum IdempotencyError {
        /// The key is not 1 to 255 printable ASCII characters without space and comma, or there are two.
        InvalidKey => 400, "IDEMPOTENCY_KEY_INVALIDA",
            "El encabezado Idempotency-Key debe tener de 1 a 255 caracteres ASCII visibles, sin espacios ni comas, una sola vez",
            en "The Idempotency-Key header must have 1 to 255 visible ASCII characters, without spaces and commas, once";
        /// The operation is not done without a key.
        MissingKey => 400, "IDEMPOTENCY_KEY_REQUERIDA",
            "El encabezado Idempotency-Key es obligatorio", en "The Idempotency-Key header is required";
        /// The key belongs to another request already.
        ReusedKey => 422, "IDEMPOTENCY_KEY_REUTILIZADA",
            "La Idempotency-Key ya se usó con otra solicitud", en "The Idempotency-Key was used with another request";
        /// The first request with this key has not ended yet; the same request may be sent again in a moment.
        InProgress => 409, "IDEMPOTENCY_EN_PROCESO",
            "Una solicitud con la misma Idempotency-Key está en proceso",
            en "A request with the same Idempotency-Key is being processed";
    }
}
