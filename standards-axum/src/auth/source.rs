//! Where a set of keys comes from, and how it is kept up to date.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use standards_core::context;
use standards_core::log::{LogLevel, Record};
use tokio::sync::Notify;
use tokio::time;

use super::authenticator::{AuthError, Known};
use super::jwks::LONGEST;
use super::settings::JwksUrl;

/// How long a set is used before it is read anew.
const USUAL: Duration = Duration::from_secs(300);
/// How long at least, whoever asks: tokens of keys that do not exist must not wear the source out.
const SHORTEST: Duration = Duration::from_secs(60);

/// How long until a source that has never answered is asked again.
const AGAIN: Duration = Duration::from_secs(5);

/// Asks for the set to be read anew before its time.
pub(super) type Asked = Arc<Notify>;

/// The text of a file, with a byte more than is allowed at most.
pub(super) fn text_of_file(path: &Path) -> Result<Vec<u8>, AuthError> {
    let read = || {
        // A pipe or a device might never end.
        if !path.metadata()?.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
        }
        let mut text = Vec::new();
        File::open(path)?.take(LONGEST as u64 + 1).read_to_end(&mut text)?;
        Ok(text)
    };
    read().map_err(|error| AuthError::Unreadable(error.into()))
}

async fn text_of(url: &JwksUrl) -> Result<Vec<u8>, AuthError> {
    match url {
        JwksUrl::File(path) => {
            let path = path.clone();
            let read = context::spawn_blocking(move || text_of_file(&path)).await;
            read.unwrap_or_else(|error| Err(AuthError::Unreadable(error.into())))
        }
        #[cfg(feature = "jwks")]
        JwksUrl::Https(url) => {
            let client = super::https::client().map_err(AuthError::Unreadable)?;
            super::https::get(&client, url.clone()).await.map_err(AuthError::Unreadable)
        }
    }
}

/// Reads the set anew every five minutes, and when it is asked for, but then once a minute at most. One that has never been read is
/// tried every five seconds. The last good one is kept when the source is not; ends with the last of those who use the keys.
pub(super) async fn keep(known: Weak<Known>, url: JwksUrl, asked: Asked) {
    // A file has been read before.
    let mut pause = if matches!(url, JwksUrl::File(_)) { SHORTEST } else { Duration::ZERO };
    loop {
        time::sleep(pause).await;
        if pause == SHORTEST {
            let _ = time::timeout(USUAL.saturating_sub(SHORTEST), asked.notified()).await;
        }
        let text = text_of(&url).await;
        let Some(known) = known.upgrade() else { return };
        if let Err(error) = text.and_then(|text| known.take(&text)) {
            let kept = known.has_set();
            Record::new(LogLevel::Warning, "Las claves de JWKS_URL no se pudieron leer").field("kept", kept).error(&error).emit();
        }
        pause = if known.has_set() { SHORTEST } else { AGAIN };
    }
}
