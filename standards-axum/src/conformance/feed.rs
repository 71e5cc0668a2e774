//! The log of a service that somebody else started: a file that grows, or standard input.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use standards_core::rules::Bilingual;
use tokio::time::sleep;

use super::lines::{Log, Splitter};
use super::text::both;

/// How long the service may take to write what it has to say.
const SETTLES: Duration = Duration::from_millis(1500);
/// How much of a file is read.
const FILE_BYTES: u64 = 256 << 20;

/// Where the log comes from.
#[derive(Debug)]
pub(super) enum Feed {
    /// What is added to a file.
    File(File),
    /// What has come by standard input.
    Input(Arc<Mutex<Log>>),
}

impl Feed {
    /// A file from its present end on, or `-` for standard input.
    pub(super) fn open(name: &str) -> Result<Self, Bilingual> {
        if name == "-" {
            return Ok(Self::Input(listen()));
        }
        let mut file = File::open(Path::new(name)).map_err(|error| unreadable(name, &error))?;
        file.seek(SeekFrom::End(0)).map_err(|error| unreadable(name, &error))?;
        Ok(Self::File(file))
    }

    /// All that has come, once it has settled.
    pub(super) async fn read(&mut self) -> Log {
        sleep(SETTLES).await;
        match self {
            Self::File(file) => read(file.take(FILE_BYTES)),
            Self::Input(log) => log.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}

/// A whole file, or standard input to its end.
pub(super) fn whole(name: &str) -> Result<Log, Bilingual> {
    if name == "-" {
        return Ok(read(std::io::stdin()));
    }
    let file = File::open(Path::new(name)).map_err(|error| unreadable(name, &error))?;
    Ok(read(file.take(FILE_BYTES)))
}

fn read(mut source: impl Read) -> Log {
    let (mut log, mut splitter, mut piece) = (Log::default(), Splitter::default(), vec![0; 64 << 10]);
    while let Ok(read @ 1..) = source.read(&mut piece) {
        splitter.feed(piece.get(..read).unwrap_or_default(), &mut log);
    }
    splitter.end(&mut log);
    log
}

/// Reads standard input in a thread that nobody waits for.
fn listen() -> Arc<Mutex<Log>> {
    let log = Arc::new(Mutex::new(Log::default()));
    let kept = Arc::clone(&log);
    let listener = std::thread::Builder::new().name("logs".to_owned()).spawn(move || {
        let (mut input, mut splitter, mut piece) = (std::io::stdin(), Splitter::default(), vec![0; 64 << 10]);
        while let Ok(read @ 1..) = input.read(&mut piece) {
            splitter.feed(piece.get(..read).unwrap_or_default(), &mut kept.lock().unwrap_or_else(PoisonError::into_inner));
        }
        splitter.end(&mut kept.lock().unwrap_or_else(PoisonError::into_inner));
    });
    drop(listener);
    log
}

fn unreadable(name: &str, error: &std::io::Error) -> Bilingual {
    let name = super::text::clean(name);
    both(format!("No se pudo leer {name}: {error}"), format!("{name} cannot be read: {error}"))
}
