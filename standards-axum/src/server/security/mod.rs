//! Whether connections are plain, or TLS.
//!
//! Without the feature `tls` there is nothing but plain ones.
//!
//! The walk: `service::front` makes a `Security` of `TLS_CERT` and `TLS_KEY`, once, before anything is bound: files that cannot be used are
//! a problem of the settings (status 2), not of the first client. `accept` has each socket pass through [`Security::secure`], and `run`
//! keeps [`Security::keep_fresh`] going beside the accept loop.

#[cfg(feature = "tls")]
mod files;
#[cfg(feature = "tls")]
mod tls;

#[cfg(feature = "tls")]
pub(crate) use files::KeyPair;
#[cfg(feature = "tls")]
pub(crate) use tls::Tls;

#[cfg(feature = "tls")]
use std::sync::Arc;

use super::transport::{Socket, Transport};

/// What a socket becomes before anything is read from it.
#[derive(Clone)]
pub(crate) enum Security {
    /// It stays as it is.
    Plain,
    /// It speaks TLS.
    #[cfg(feature = "tls")]
    Tls(Arc<Tls>),
}

impl Security {
    /// The connection, unless its client cannot agree with the server in time.
    #[cfg_attr(not(feature = "tls"), expect(clippy::unused_async, reason = "TLS has to wait"))]
    pub(super) async fn secure(&self, socket: Socket) -> Option<Transport> {
        match self {
            Self::Plain => Some(Transport::Plain(socket)),
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.accept(socket).await,
        }
    }

    /// Looks for other certificates for ever.
    pub(super) async fn keep_fresh(&self) {
        match self {
            Self::Plain => std::future::pending().await,
            #[cfg(feature = "tls")]
            Self::Tls(tls) => tls.keep_fresh().await,
        }
    }
}
