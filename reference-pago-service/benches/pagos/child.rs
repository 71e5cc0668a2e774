//! Processes that do not outlive the bench.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::outcome::{Outcome, say};

const POLL: Duration = Duration::from_millis(20);

/// A child in a process group of its own. Dropped, it is killed with all that it started.
pub(crate) struct Guarded {
    child: Child,
    errors: PathBuf,
}

impl Guarded {
    /// Starts `command`; its standard error goes to the file `errors`.
    pub(crate) fn spawn(command: &mut Command, errors: PathBuf) -> Outcome<Self> {
        let stderr = std::fs::File::create(&errors)?;
        let child = command.process_group(0).stdin(Stdio::null()).stderr(stderr).spawn();
        let named = |error| format!("{}: {error}", Path::new(command.get_program()).display());
        Ok(Self { child: child.map_err(named)?, errors })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails when the process has ended, with what it said.
    pub(crate) fn check_alive(&mut self) -> Outcome<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(format!("a child ended with {status}: {}", self.said()).into()),
        }
    }

    /// Waits until the process ends well, for `limit` at most.
    pub(crate) async fn finish(mut self, limit: Duration) -> Outcome<()> {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            match self.child.try_wait()? {
                None => tokio::time::sleep(POLL).await,
                Some(status) if status.success() => return Ok(()),
                Some(status) => return Err(format!("a child ended with {status}: {}", self.said()).into()),
            }
        }
        Err(format!("a child did not end within {limit:?}: {}", self.said()).into())
    }

    /// What the process wrote to its standard error.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap_or_default().trim().to_owned()
    }

    /// Until it has been waited for, nobody else can have its id.
    fn kill_group(&mut self) {
        let group = format!("kill -s KILL -- -{}", self.child.id());
        if !Command::new("sh").args(["-c", &group]).status().is_ok_and(|status| status.success()) {
            say(format_args!("  the processes of group {} could not be killed", self.child.id()));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill_group();
        }
    }
}
