//! Whether connections are plain, or TLS.
//!
//! Without the feature `tls` there is nothing but plain ones.

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
