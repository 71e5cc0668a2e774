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

/// Asks for the set to be read anew before its time.
pub(super) type Asked = Arc<Notify>;

/// The text at `url`, with a byte more than is allowed at most.
pub(super) fn text_of(url: &JwksUrl) -> Result<Vec<u8>, AuthError> {
    match url {
        JwksUrl::File(path) => text_of_file(path).map_err(AuthError::Unreadable),
    }
}

fn text_of_file(path: &Path) -> io::Result<Vec<u8>> {
    // A pipe or a device might never end.
    if !path.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    let mut text = Vec::new();
    File::open(path)?.take(LONGEST as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

/// Reads the set anew every five minutes, and when it is asked for, but then once a minute at most. The last good one is kept when the
/// source is not; ends with the last of those who use the keys.
pub(super) async fn keep(known: Weak<Known>, url: JwksUrl, asked: Asked) {
    loop {
        time::sleep(SHORTEST).await;
        let _ = time::timeout(USUAL.saturating_sub(SHORTEST), asked.notified()).await;
        let source = url.clone();

        let read = context::spawn_blocking(move || text_of(&source)).await;
        let Some(known) = known.upgrade() else { return };
        let taken =
            read.unwrap_or_else(|error| Err(AuthError::Unreadable(io::Error::other(error)))).and_then(|text| known.take(&text));
        if let Err(error) = taken {
            Record::new(LogLevel::Warning, "Las claves no se pudieron leer de nuevo; se conservan las anteriores")
                .error(&error)
                .emit();
        }
    }
}
